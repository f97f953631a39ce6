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
    /// <summary>Seconds that sums of gaps may be off: far below a round.</summary>
    private const double ClockTolerance = 1e-6;

    /// <summary>One for each of <see cref="TokenIds"/>; empty where none were asked for.</summary>
    public ImmutableArray<TokenLogProbs> LogProbs { get; init; } = [];

    /// <summary>What each round accepted, in order: <see cref="AcceptanceHistogram"/> counts them.</summary>
    public ImmutableArray<RoundWalk> Walks { get; init; } = [];

    /// <summary>Prompt tokens that needed no prefill: their KV was still there from earlier generations.</summary>
    public int CachedTokens { get; init; }

    /// <summary>Seconds between the tokens of one round and those of the next, on the service's clock: one fewer than there were bursts of tokens.</summary>
    public ImmutableArray<double> Gaps { get; init; } = [];

    /// <summary>Tokens after the first one that were there at a time on the service's clock.</summary>
    public int DecodedBy(double seconds)
    {
        int tokens = 0;
        double at = Times.FirstTokenSeconds;
        foreach ((double gap, RoundWalk walk) in Gaps.Zip(Walks))
        {
            at += gap;
            if (at > seconds + ClockTolerance) break;
            tokens += walk.Accepted.Length + 1;
        }
        return Math.Min(tokens, Math.Max(0, TokenIds.Length - 1));
    }

    /// <summary>Mean accepted draft tokens a round; the bonus token is not counted.</summary>
    public double Tau => Rounds == 0 ? 0 : (double)AcceptanceHistogram.Select((rounds, accepted) => (long)rounds * accepted).Sum() / Rounds;
}
