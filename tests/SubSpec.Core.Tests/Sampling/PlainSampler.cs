using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

/// <summary>The sampling function written down without any shortcut: everything sorted, all noise drawn, doubles throughout.</summary>
internal static class PlainSampler
{
    /// <summary>All tokens that may be chosen, in the order in which they would be.</summary>
    public static RankedToken[] Rank(float[] logits, SamplingOptions options, TokenHistory history, int position)
    {
        float[] adjusted = Adjust(logits, options, history);
        IEnumerable<RankedToken> values = options.Temperature == 0
            ? adjusted.Select((logit, token) => new RankedToken(token, logit))
            : Kept(adjusted, options).Select(token => new RankedToken(token, adjusted[token] / options.Temperature + Noise(options, position, token)));
        return [.. values.OrderByDescending(v => v.Value).ThenBy(v => v.Token)];
    }

    /// <summary>What the chance of each token to be chosen is, over all seeds.</summary>
    public static double[] Probabilities(float[] logits, SamplingOptions options)
    {
        double[] probabilities = new double[logits.Length];
        int[] kept = Kept(logits, options);
        foreach (int token in kept) probabilities[token] = Math.Exp((logits[token] - logits.Max()) / options.Temperature);
        double total = probabilities.Sum();
        return [.. probabilities.Select(p => p / total)];
    }

    public static double Noise(SamplingOptions options, int position, int token) =>
        -Math.Log(-Math.Log(Philox.Uniform(options.Seed, options.Choice, position, token)));

    private static float[] Adjust(float[] logits, SamplingOptions options, TokenHistory history)
    {
        float[] adjusted = [.. logits];
        for (int token = 0; token < logits.Length; token++)
        {
            int count = history.Output.GetValueOrDefault(token);
            if (count > 0 || history.Prompt.Contains(token))
                adjusted[token] = adjusted[token] > 0 ? adjusted[token] / (float)options.RepetitionPenalty : adjusted[token] * (float)options.RepetitionPenalty;
            if (count > 0) adjusted[token] -= (float)(options.PresencePenalty + options.FrequencyPenalty * count);
            if (options.LogitBias.TryGetValue(token, out float bias)) adjusted[token] += bias;
        }
        return adjusted;
    }

    private static int[] Kept(float[] logits, SamplingOptions options)
    {
        int[] kept = [.. Enumerable.Range(0, logits.Length).OrderByDescending(token => logits[token]).ThenBy(token => token)];
        double Weight(int token) => Math.Exp((logits[token] - logits[kept[0]]) / options.Temperature);

        if (options.TopK > 0) kept = [.. kept.Take(options.TopK)];
        if (options.TopP < 1)
        {
            double total = kept.Sum(Weight), sum = 0;
            int count = 0;
            while (count < kept.Length && sum < options.TopP * total) sum += Weight(kept[count++]);
            kept = kept[..count];
        }
        return options.MinP > 0 ? [.. kept.Where(token => Weight(token) >= options.MinP)] : kept;
    }
}
