namespace SubSpec.Core.Sampling;

/// <summary>Top-k, top-p and min-p, in this order, over logits divided by the temperature. Holds scratch space: one instance a thread.</summary>
internal sealed class TokenFilter(int vocabularySize)
{
    // exp(-20) of a vocabulary is far below any top-p tail in use; where it is not, everything is sorted.
    private const double LikelyGap = 20;

    private readonly int[] _tokens = new int[vocabularySize];
    private readonly float[] _keys = new float[vocabularySize];

    /// <summary>The kept tokens, highest logit first, ties by id. Empty when the options keep everything. Non-finite logits are never kept.</summary>
    public ReadOnlySpan<int> Keep(ReadOnlySpan<float> logits, SamplingOptions options)
    {
        bool topK = options.TopK > 0 && options.TopK < logits.Length;
        if (!topK && options.TopP >= 1 && options.MinP <= 0) return [];

        float max = float.NegativeInfinity;
        foreach (float logit in logits) max = Math.Max(max, logit);
        double temperature = options.Temperature;
        double floor = max - temperature * (options.MinP > 0 ? Math.Max(LikelyGap, 1 - Math.Log(options.MinP)) : LikelyGap);
        int count = Sorted(logits, floor);
        if (topK && count < options.TopK) count = Sorted(logits, double.NegativeInfinity);
        if (topK) count = Math.Min(count, options.TopK);

        if (options.TopP < 1)
        {
            double total = 0;
            if (topK)
                for (int i = 0; i < count; i++) total += Weight(logits[_tokens[i]], max, temperature);
            else
                foreach (float logit in logits) total += Weight(logit, max, temperature);
            int within = Within(logits, count, options.TopP * total, max, temperature);
            if (within < 0 && !topK)
            {
                count = Sorted(logits, double.NegativeInfinity);
                within = Within(logits, count, options.TopP * total, max, temperature);
            }
            if (within >= 0) count = within;
        }
        if (options.MinP > 0)
        {
            int likely = 0;
            while (likely < count && Weight(logits[_tokens[likely]], max, temperature) >= options.MinP) likely++;
            count = likely;
        }
        return _tokens.AsSpan(0, Math.Max(1, count));
    }

    private static double Weight(float logit, float max, double temperature) => Math.Exp((logit - max) / temperature);

    /// <summary>How many of the sorted tokens reach the mass; -1 if they never do.</summary>
    private int Within(ReadOnlySpan<float> logits, int count, double mass, float max, double temperature)
    {
        double sum = 0;
        for (int i = 0; i < count; i++)
        {
            sum += Weight(logits[_tokens[i]], max, temperature);
            if (sum >= mass) return i + 1;
        }
        return -1;
    }

    private int Sorted(ReadOnlySpan<float> logits, double floor)
    {
        int count = 0;
        for (int token = 0; token < logits.Length; token++)
        {
            if (!(logits[token] >= floor)) continue;
            _tokens[count] = token;
            _keys[count++] = -logits[token];
        }
        // Ids ascend before the sort; ties are put back in that order after it, since the sort is not stable.
        Array.Sort(_keys, _tokens, 0, count);
        for (int start = 0; start < count;)
        {
            int end = start + 1;
            while (end < count && _keys[end] == _keys[start]) end++;
            if (end - start > 1) Array.Sort(_tokens, start, end - start);
            start = end;
        }
        return count;
    }
}
