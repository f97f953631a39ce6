using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Text;
using SubSpec.Core.Trees;
using SubSpec.Server.Http.Loading;

namespace SubSpec.Server.Tests.Metrics;

/// <summary>A model that is loaded or not, as a test says, and whose load a test gives.</summary>
internal sealed class StubModel : IModelHost
{
    public string Name => "demo";

    public DateTimeOffset Created => default;

    public ModelState State => Load is null ? ModelState.Unloaded : ModelState.Ready;

    public IInferenceHost? Current => Load is null ? null : new Host(this);

    public LoadProgress? Progress => null;

    public Exception? Failure => null;

    /// <summary>Null while nothing is loaded.</summary>
    public Func<Task<EngineLoad>>? Load { get; set; }

    public int Asked { get; private set; }

    public ValueTask<ModelLease> AcquireAsync(CancellationToken cancel) => throw new InvalidOperationException("whoever only looks loads no model");

    private sealed class Host(StubModel model) : IInferenceHost
    {
        public HostInfo Info => Readings.Info;

        public ITextCodec Codec => throw new NotSupportedException();

        public ModelLimits Limits => throw new NotSupportedException();

        public long PeakFastTierBytes => 1024;

        public Task<EngineLoad> GetLoadAsync(CancellationToken cancel)
        {
            model.Asked++;
            return model.Load!();
        }

        public IAsyncEnumerable<GenerationEvent> GenerateAsync(GenerationRequest request, CancellationToken cancel) => throw new NotSupportedException();

        public Task UseScheduleAsync(string schedule, DraftShape shape, CancellationToken cancel) => throw new NotSupportedException();

        public Task<EngineTotals> GetTotalsAsync(CancellationToken cancel) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
