using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;

namespace SubSpec.Server;

/// <summary>A loaded model that answers requests: engine, actors and tokenizer, composed. Safe to call from several threads.</summary>
public interface IInferenceHost : IAsyncDisposable
{
    HostInfo Info { get; }

    ITextCodec Codec { get; }

    /// <summary>What the engine can do with a request.</summary>
    ModelLimits Limits { get; }

    /// <summary>Most bytes of the fast tier that were in use at once so far.</summary>
    long PeakFastTierBytes { get; }

    /// <summary>
    /// Answers one request: any number of <see cref="TextDelta"/> (the first as soon as the first token is known, its text
    /// possibly empty), then <see cref="Completed"/>. Several may run at once, up to <see cref="HostOptions.Sessions"/>.
    /// </summary>
    /// <exception cref="BadInputException">The request cannot be served, for example because the prompt is longer than the context.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; the sequence is gone and its KV slots are free.</exception>
    IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancel);

    /// <summary>Changes schedule and draft shape while no request runs. Depth 0 decodes plainly (autoregressive).</summary>
    /// <param name="shape">At most <see cref="HostOptions.LargestShape"/>.</param>
    Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel);

    Task<EngineTotals> GetTotalsAsync(CancellationToken cancel);

    /// <summary>What runs, what waits, and how much of the KV cache is in use.</summary>
    Task<EngineLoad> GetLoadAsync(CancellationToken cancel);
}
