using System.Collections.Immutable;

namespace SubSpec.Core.Generation;

/// <summary>Why an answer has ended.</summary>
public enum FinishReason
{
    /// <summary>An end-of-sequence token or a stop string.</summary>
    Stop,

    /// <summary>The token limit or the context's end.</summary>
    Length,

    /// <summary>Cancelled by its client.</summary>
    Cancelled,
}

/// <summary>A finished answer.</summary>
/// <param name="TokenIds">The answer's tokens; an end-of-sequence token is the last of them where one was chosen.</param>
/// <param name="AcceptanceHistogram">[k] = verify rounds that accepted k draft tokens.</param>
/// <param name="Seed">The seed that was used.</param>
/// <param name="PrefillSeconds">From the first prompt row to the first token.</param>
/// <param name="DecodeSeconds">From the first token to the last.</param>
public sealed record GenerationResult(
    string Text,
    ImmutableArray<int> TokenIds,
    int PromptTokens,
    FinishReason FinishReason,
    ulong Seed,
    int Rounds,
    ImmutableArray<int> AcceptanceHistogram,
    double PrefillSeconds,
    double DecodeSeconds)
{
    /// <summary>Mean accepted draft tokens a round, the bonus token not counted.</summary>
    public double Tau => Rounds == 0 ? 0 : AcceptanceHistogram.Select((n, k) => (double)n * k).Sum() / Rounds;
}

/// <summary>What a client sees of a running answer.</summary>
public abstract record GenerationEvent
{
    /// <summary>Text that is certain now. One verified round may bring many tokens at once.</summary>
    public sealed record Delta(string Text, ImmutableArray<int> TokenIds) : GenerationEvent;

    /// <summary>The last event of an answer that ended.</summary>
    public sealed record Finished(GenerationResult Result) : GenerationEvent;
}
