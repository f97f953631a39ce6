using System.Collections.Immutable;

namespace SubSpec.Core.Sampling;

/// <summary>What penalties count on a path: the prompt's tokens as a set, the output's with their numbers. Immutable, so a tree's paths can branch.</summary>
public sealed record TokenHistory(ImmutableHashSet<int> Prompt, ImmutableDictionary<int, int> Output)
{
    public static TokenHistory Empty { get; } = new([], ImmutableDictionary<int, int>.Empty);

    /// <summary>The history of a sequence; empty when the options have no penalty to count for.</summary>
    public static TokenHistory For(SamplingOptions options, IEnumerable<int> prompt) =>
        options.HasPenalties ? new([.. prompt], ImmutableDictionary<int, int>.Empty) : Empty;

    /// <summary>The history after one more output token.</summary>
    public TokenHistory Add(int token, SamplingOptions options) =>
        options.HasPenalties ? this with { Output = Output.SetItem(token, Output.GetValueOrDefault(token) + 1) } : this;
}
