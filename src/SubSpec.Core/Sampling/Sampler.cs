using System.Numerics;
using System.Runtime.Intrinsics;

namespace SubSpec.Core.Sampling;

/// <summary>
/// The one sampling function of plain decoding, draft and acceptance walk: repetition, presence and frequency penalty, bias,
/// temperature, top-k, top-p, min-p, Gumbel noise, highest value (Gumbel-max trick). Holds scratch space: one instance a thread.
/// </summary>
public sealed partial class Sampler(int vocabularySize)
{
    private readonly float[] _logits = new float[vocabularySize];
    private readonly TokenFilter _filter = new(vocabularySize);

    /// <summary>The token chosen at <paramref name="position"/> (the absolute position that the new token will take).</summary>
    /// <param name="logits">[vocabulary], raw.</param>
    public int Choose(ReadOnlySpan<float> logits, SamplingOptions options, TokenHistory history, int position)
    {
        Span<RankedToken> best = stackalloc RankedToken[1];
        Rank(logits, options, history, position, best);
        return best[0].Token;
    }

    /// <summary>Fills <paramref name="best"/> with the first tokens in the order in which they would be chosen; returns how many there are.</summary>
    public int Rank(ReadOnlySpan<float> logits, SamplingOptions options, TokenHistory history, int position, Span<RankedToken> best)
    {
        if (logits.Length != _logits.Length) throw new ArgumentException($"{logits.Length} logits, the vocabulary has {_logits.Length}", nameof(logits));
        ReadOnlySpan<float> adjusted = Adjust(logits, options, history);
        if (options.Temperature == 0) return RankGreedy(adjusted, best);

        ReadOnlySpan<int> kept = _filter.Keep(adjusted, options);
        return kept.IsEmpty ? RankAll(adjusted, options, position, best) : RankKept(adjusted, kept, options, position, best);
    }

    private ReadOnlySpan<float> Adjust(ReadOnlySpan<float> logits, SamplingOptions options, TokenHistory history)
    {
        if (!options.HasPenalties && options.LogitBias.IsEmpty) return logits;
        logits.CopyTo(_logits);
        if (options.RepetitionPenalty != 1)
        {
            float penalty = (float)options.RepetitionPenalty;
            foreach (int token in history.Prompt) Repeat(token, penalty);
            foreach (int token in history.Output.Keys)
                if (!history.Prompt.Contains(token)) Repeat(token, penalty);
        }
        foreach ((int token, int count) in history.Output)
            _logits[token] -= (float)(options.PresencePenalty + options.FrequencyPenalty * count);
        foreach ((int token, float bias) in options.LogitBias)
            if ((uint)token < (uint)_logits.Length) _logits[token] += bias;
        return _logits;
    }

    private void Repeat(int token, float penalty) => _logits[token] = Repeated(_logits[token], penalty);

    private static float Repeated(float logit, float penalty) => logit > 0 ? logit / penalty : logit * penalty;

    /// <summary>Fills <paramref name="best"/> with the highest logits, ties to the lower id; returns how many there are.</summary>
    internal static int RankGreedy(ReadOnlySpan<float> logits, Span<RankedToken> best)
    {
        int count = 0;
        float least = float.NegativeInfinity;
        for (int token = 0; token < logits.Length;)
        {
            bool full = count == best.Length;
            if (full && token + 8 <= logits.Length && !Vector256.GreaterThanAny(Vector256.Create(logits.Slice(token, 8)), Vector256.Create(least)))
            {
                token += 8;
                continue;
            }
            for (int end = Math.Min(token + 8, logits.Length); token < end; token++)
            {
                if (count == best.Length && !(logits[token] > least)) continue;
                Insert(best, ref count, new(token, logits[token]));
                least = (float)best[count - 1].Value;
            }
        }
        return count;
    }

    private static int RankKept(ReadOnlySpan<float> logits, ReadOnlySpan<int> kept, SamplingOptions options, int position, Span<RankedToken> best)
    {
        int count = 0;
        foreach (int token in kept) Perturb(logits[token], token, options, position, best, ref count);
        return count;
    }

    private static int RankAll(ReadOnlySpan<float> logits, SamplingOptions options, int position, Span<RankedToken> best)
    {
        const int lanes = NoiseScreen.Lanes;
        var screen = new NoiseScreen(options, position);
        float wanted = float.NegativeInfinity;
        int count = 0;
        for (int token = 0; token < logits.Length; token += lanes)
        {
            int tokens = Math.Min(lanes, logits.Length - token);
            uint candidates = count == best.Length && tokens == lanes
                ? screen.Candidates(Vector256.Create(logits.Slice(token, lanes)), token, wanted)
                : (1u << tokens) - 1;
            if (candidates == 0) continue;
            for (; candidates != 0; candidates &= candidates - 1)
            {
                int at = token + BitOperations.TrailingZeroCount(candidates);
                Perturb(logits[at], at, options, position, best, ref count);
            }
            wanted = screen.Wanted(best[count - 1].Value);
        }
        return count;
    }

    private static void Perturb(float logit, int token, SamplingOptions options, int position, Span<RankedToken> best, ref int count)
    {
        double value = logit / options.Temperature;
        bool full = count == best.Length;
        double behind = full ? best[count - 1].Value - value : 0;
        if (full && behind > NoiseScreen.MaxGumbel) return;
        double uniform = Philox.Uniform(options.Seed, options.Choice, position, token);
        // -log(u) >= 1 - u, so noise that cannot close the gap is recognised without two logarithms; 1.001 is for rounding.
        if (full && behind > 0 && 1 - uniform > 1.001 * Math.Exp(-behind)) return;
        Insert(best, ref count, new(token, value - Math.Log(-Math.Log(uniform))));
    }

    private static void Insert(Span<RankedToken> best, ref int count, RankedToken token)
    {
        int at = count < best.Length ? count++ : count;
        if (at == best.Length && !token.Beats(best[--at])) return;
        for (; at > 0 && token.Beats(best[at - 1]); at--) best[at] = best[at - 1];
        best[at] = token;
    }
}
