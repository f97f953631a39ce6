namespace SubSpec.Core.Sampling;

public sealed partial class Sampler
{
    private readonly float[] _listed = new float[Math.Min(vocabularySize, MaxShortlist)];

    private const double LeastTemperature = 1e-6;

    /// <summary>Tokens of a shortlist at most.</summary>
    public const int MaxShortlist = 512;

    /// <summary>
    /// <see cref="Rank"/> by a part of the logits. True where it is certain that the whole row would give the same tokens in the same order, which then
    /// are in <paramref name="best"/>.
    /// </summary>
    /// <param name="count">How many there are.</param>
    public bool TryRank(in LogitShortlist list, SamplingOptions options, TokenHistory history, int position, Span<RankedToken> best, out int count)
    {
        count = 0;
        // The bound holds for penalties that only lower logits.
        bool lowers = options.RepetitionPenalty >= 1 && options.PresencePenalty >= 0 && options.FrequencyPenalty >= 0;
        if (!lowers || !options.LogitBias.IsEmpty || !AllFinite(list.Logits)) return false;
        Span<float> logits = _listed.AsSpan(0, list.Logits.Length);
        list.Logits.CopyTo(logits);
        if (options.HasPenalties) Lower(list.Tokens, logits, options, history);

        int wanted = Math.Min(best.Length, vocabularySize);
        // A top-k that keeps all tokens is none.
        if ((options.TopK >= vocabularySize ? options with { TopK = 0 } : options).IsUnfiltered)
        {
            // Noise that is lost in the rounding of what it is added to leaves ties, which belong to the lowest id of all tokens.
            if (options.Temperature < LeastTemperature) return false;
            for (int i = 0; i < logits.Length; i++) Perturb(logits[i], list.Tokens[i], options, position, best, ref count);
            return count == wanted && (list.Tokens.Length == vocabularySize || best[count - 1].Value > list.Bound / options.Temperature + list.NoiseBound);
        }

        bool decides = _filter.TryKeep(list.Tokens, logits, list.Bound, options, out int kept, out int certain);
        if (options.Temperature == 0)
        {
            if (certain < wanted) return false;
            for (; count < wanted; count++) best[count] = new RankedToken(_filter.TokenAt(count), _filter.LogitAt(count));
            return true;
        }
        if (!decides) return false;
        for (int i = 0; i < kept; i++) Perturb(_filter.LogitAt(i), _filter.TokenAt(i), options, position, best, ref count);
        return true;
    }

    private static void Lower(ReadOnlySpan<int> tokens, Span<float> logits, SamplingOptions options, TokenHistory history)
    {
        float repetition = (float)options.RepetitionPenalty;
        for (int i = 0; i < tokens.Length; i++)
        {
            int times = history.Output.GetValueOrDefault(tokens[i]);
            if (repetition != 1 && (times > 0 || history.Prompt.Contains(tokens[i]))) logits[i] = Repeated(logits[i], repetition);
            if (times > 0) logits[i] -= (float)(options.PresencePenalty + options.FrequencyPenalty * times);
        }
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        foreach (float value in values)
            if (!float.IsFinite(value)) return false;
        return true;
    }
}
