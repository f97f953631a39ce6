using System.Collections.Immutable;

namespace SubSpec.Core.Sampling;

/// <summary>A token and the natural logarithm of its probability.</summary>
public readonly record struct RankedLogProb(int Token, double LogProb);

/// <summary>How probable the model found a chosen token, and the tokens that it found most probable there.</summary>
/// <param name="Token">The chosen token.</param>
/// <param name="LogProb">Natural logarithm of its probability.</param>
/// <param name="Top">The most probable tokens, best first; ties to the lower id.</param>
public sealed record TokenLogProbs(int Token, double LogProb, ImmutableArray<RankedLogProb> Top);

/// <summary>Log-probabilities of the model's own distribution: softmax of raw logits, before penalties, bias, temperature and filters.</summary>
public static class LogProbs
{
    /// <summary>Most tokens that are listed beside the chosen one.</summary>
    public const int MaxTop = 20;

    /// <param name="logits">[vocabulary], raw and finite.</param>
    /// <param name="top">How many of the most probable tokens to list, 0 to <see cref="MaxTop"/>.</param>
    public static TokenLogProbs Of(ReadOnlySpan<float> logits, int chosen, int top)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(top, MaxTop);
        double highest = logits[0], sum = 0;
        foreach (float logit in logits) highest = Math.Max(highest, logit);
        foreach (float logit in logits) sum += Math.Exp(logit - highest);
        // Not added to the highest logit: next to a large one it would be lost.
        double logSum = Math.Log(sum);
        Span<RankedToken> best = stackalloc RankedToken[MaxTop];
        int count = top == 0 ? 0 : Sampler.RankGreedy(logits, best[..top]);
        var listed = ImmutableArray.CreateBuilder<RankedLogProb>(count);
        foreach (RankedToken token in best[..count]) listed.Add(new RankedLogProb(token.Token, token.Value - highest - logSum));
        return new TokenLogProbs(chosen, logits[chosen] - highest - logSum, listed.MoveToImmutable());
    }
}
