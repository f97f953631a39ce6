using System.Collections.Immutable;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Observing;

namespace SubSpec.Server.Http.Generating;

/// <summary>Gathers what a request's record says, while it is served.</summary>
internal sealed class Recording(string requestId, string api, string model, TimeProvider time)
{
    private readonly long _start = time.GetTimestamp();
    private readonly DateTimeOffset _started = time.GetUtcNow();
    private readonly List<(int Choice, GenerationResult Result)> _results = [];
    private double? _firstToken;

    public bool Streamed { get; set; }

    /// <summary>Choices of each prompt.</summary>
    public int Choices { get; set; } = 1;

    public void Note(ChoiceEvent happened)
    {
        if (happened.Event is TextDelta { TokenIds.IsEmpty: false }) _firstToken ??= Elapsed;
        if (happened.Event is Completed completed) _results.Add((happened.Choice, completed.Result));
    }

    public RequestRecord End(int status, string? error)
    {
        IEnumerable<GenerationResult> prompts = _results.Where(r => r.Choice % Choices == 0).Select(r => r.Result);
        return new RequestRecord(
            requestId, api, model, Streamed, status, error, _started, Elapsed, _firstToken, prompts.Sum(r => r.PromptTokens), prompts.Sum(r => r.CachedTokens), [.. _results.Select(r => r.Result)]);
    }

    private double Elapsed => time.GetElapsedTime(_start).TotalSeconds;
}
