using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Generation;

/// <summary>What a generation gave.</summary>
/// <param name="TokenIds">Chosen tokens, the end-of-text token or those of the stop string included.</param>
/// <param name="Text">The completion alone, without stop string.</param>
/// <param name="Rounds">Draft and verify cycles. The pass that ends the prompt chooses a token too, but is no round.</param>
/// <param name="AcceptanceHistogram">[k] = rounds that accepted k draft tokens.</param>
/// <param name="Seed">The seed in force.</param>
public sealed record GenerationResult(
    ImmutableArray<int> TokenIds,
    string Text,
    FinishReason FinishReason,
    int PromptTokens,
    int Rounds,
    ImmutableArray<int> AcceptanceHistogram,
    ulong Seed,
    GenerationTimes Times)
{
    /// <summary>One for each of <see cref="TokenIds"/>; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];

    /// <summary>What each round accepted, in order: <see cref="AcceptanceHistogram"/> counts them.</summary>
    public ImmutableArray<RoundWalk> Walks { get; init; } = [];

    /// <summary>Prompt tokens that needed no prefill: their KV was still there from earlier generations.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Seconds between the tokens of one round and those of the next, on the service's clock: one fewer than there were bursts of tokens.</summary>
    public ImmutableArray<double> Gaps { get; init; } = [];

    /// <summary>Mean accepted draft tokens a round; the bonus token is not counted.</summary>
    public double Tau => Rounds == 0 ? 0 : (double)AcceptanceHistogram.Select((rounds, accepted) => (long)rounds * accepted).Sum() / Rounds;
}
