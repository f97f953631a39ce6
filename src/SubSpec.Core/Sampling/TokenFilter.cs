using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Core.Sampling;

/// <summary>Top-k, top-p and min-p, in this order, over logits divided by the temperature. Holds scratch space: one instance a thread.</summary>
internal sealed class TokenFilter(int vocabularySize)
{
    // Few tokens are this close to the best, in units of logits / temperature; more are sorted only where these do not suffice.
    private const double FirstGap = 4, LastGap = 40;

    private readonly int[] _tokens = new int[vocabularySize];
    private readonly float[] _keys = new float[vocabularySize];

    /// <summary>The kept tokens, highest logit first, ties by id. Empty when the options keep everything.</summary>
    public ReadOnlySpan<int> Keep(ReadOnlySpan<float> logits, SamplingOptions options)
    {
        int topK = options.TopK > 0 ? Math.Min(options.TopK, logits.Length) : logits.Length;
        if (topK == logits.Length && options.TopP >= 1 && options.MinP <= 0) return [];

        float max = Max(logits);
        double total = options.TopP < 1 && topK == logits.Length ? TotalWeight(logits, max, options.Temperature) : 0;
        // No token behind the widest gap is kept: min-p drops it, unless its weight is needed for the sum of the top k.
        bool minPBounds = options.MinP > 0 && (options.TopP >= 1 || topK == logits.Length);
        double widest = minPBounds ? 1 - Math.Log(options.MinP) : double.PositiveInfinity;
        for (double gap = Math.Min(FirstGap, widest); ; gap = gap < LastGap ? Math.Min(gap * 1.5, widest) : widest)
        {
            int likely = Collect(logits, max - gap * options.Temperature);
            bool all = likely == logits.Length || gap >= widest;
            if (!all && IsTooFew(logits, likely, topK, max, total, options)) continue;
            Sort(likely);
            int kept = Prefix(Math.Min(likely, topK), topK < logits.Length, max, total, options);
            if (kept < likely || all) return _tokens.AsSpan(0, Math.Max(1, kept));
        }
    }

    /// <summary>
    /// The same over some of the logits; false where these do not decide. All tokens are then in the scratch space, highest logit first, and <paramref name="certain"/>
    /// of them stand where they would among all.
    /// </summary>
    public bool TryKeep(ReadOnlySpan<int> tokens, ReadOnlySpan<float> logits, float bound, SamplingOptions options, out int kept, out int certain)
    {
        tokens.CopyTo(_tokens);
        for (int i = 0; i < logits.Length; i++) _keys[i] = -logits[i];
        Sort(tokens.Length);
        certain = 0;
        while (certain < tokens.Length && LogitAt(certain) > bound) certain++;
        kept = 0;
        if (certain == 0) return false;
        int topK = options.TopK > 0 ? Math.Min(options.TopK, _tokens.Length) : _tokens.Length;
        bool hasTopK = topK < _tokens.Length;
        // Without top-k, top-p is a share of all tokens' weight.
        if (hasTopK ? topK > certain : options.TopP < 1) return false;
        kept = Math.Max(1, Prefix(hasTopK ? topK : certain, hasTopK, LogitAt(0), 0, options));
        return hasTopK || kept < certain || certain == _tokens.Length;
    }

    /// <summary>A token of the scratch space.</summary>
    public int TokenAt(int index) => _tokens[index];

    /// <summary>Its logit.</summary>
    public float LogitAt(int index) => -_keys[index];

    /// <summary>True where the collected tokens are too few for what the options keep, as far as that is known without sorting them.</summary>
    private bool IsTooFew(ReadOnlySpan<float> logits, int likely, int topK, float max, double total, SamplingOptions options)
    {
        if (topK < logits.Length) return likely < topK;
        if (options.TopP >= 1) return false;
        double sum = 0;
        for (int i = 0; i < likely; i++) sum += Weight(logits[_tokens[i]], max, options.Temperature);
        return sum < options.TopP * total * (1 - 1e-9);
    }

    /// <summary>How many of the sorted tokens top-p and min-p keep. All of them may mean that more have to be sorted.</summary>
    private int Prefix(int kept, bool hasTopK, float max, double total, SamplingOptions options)
    {
        double temperature = options.Temperature;
        if (options.TopP < 1)
        {
            // With top-k the probabilities are those among the k tokens, which are all here.
            if (hasTopK)
                for (int i = 0; i < kept; i++) total += Weight(LogitAt(i), max, temperature);
            double sum = 0;
            for (int i = 0; i < kept; i++)
            {
                sum += Weight(LogitAt(i), max, temperature);
                if (sum >= options.TopP * total) kept = i + 1;
            }
        }
        if (options.MinP > 0)
        {
            int likely = 0;
            while (likely < kept && Weight(LogitAt(likely), max, temperature) >= options.MinP) likely++;
            kept = likely;
        }
        return kept;
    }

    private static double Weight(float logit, float max, double temperature) => Math.Exp((logit - max) / temperature);

    /// <summary>Sum of the whole vocabulary's weights, in the same four partial sums on every machine.</summary>
    private static double TotalWeight(ReadOnlySpan<float> logits, float max, double temperature)
    {
        Vector256<double> sums = default, best = Vector256.Create((double)max), scale = Vector256.Create(temperature);
        ReadOnlySpan<Vector128<float>> quads = MemoryMarshal.Cast<float, Vector128<float>>(logits);
        foreach (Vector128<float> quad in quads)
        {
            Vector256<double> values = Vector256.Create(Vector128.WidenLower(quad), Vector128.WidenUpper(quad));
            sums += Vector256.Exp((values - best) / scale);
        }
        double total = Vector256.Sum(sums);
        for (int i = quads.Length * 4; i < logits.Length; i++) total += Weight(logits[i], max, temperature);
        return total;
    }

    private static float Max(ReadOnlySpan<float> logits)
    {
        float max = float.NegativeInfinity;
        ReadOnlySpan<Vector256<float>> octets = MemoryMarshal.Cast<float, Vector256<float>>(logits);
        Vector256<float> maxima = Vector256.Create(max);
        foreach (Vector256<float> octet in octets) maxima = Vector256.Max(maxima, octet);
        for (int lane = 0; lane < Vector256<float>.Count; lane++) max = Math.Max(max, maxima[lane]);
        for (int i = octets.Length * Vector256<float>.Count; i < logits.Length; i++) max = Math.Max(max, logits[i]);
        return max;
    }

    /// <summary>Puts the tokens whose logits reach the floor into the scratch space, ids ascending.</summary>
    private int Collect(ReadOnlySpan<float> logits, double floor)
    {
        int count = 0;
        // Rounded down, so that no token at the floor is lost; what is a little below it does no harm.
        float least = float.BitDecrement((float)floor);
        Vector256<float> bound = Vector256.Create(least);
        for (int token = 0; token < logits.Length;)
        {
            int end = Math.Min(token + Vector256<float>.Count, logits.Length);
            bool whole = end - token == Vector256<float>.Count;
            if (whole && !Vector256.GreaterThanOrEqualAny(Vector256.Create(logits[token..end]), bound)) token = end;
            for (; token < end; token++)
            {
                if (!(logits[token] >= least)) continue;
                _tokens[count] = token;
                _keys[count++] = -logits[token];
            }
        }
        return count;
    }

    /// <summary>Highest logit first. Ties are put back in order of ids afterwards, since the sort is not stable.</summary>
    private void Sort(int count)
    {
        Array.Sort(_keys, _tokens, 0, count);
        for (int start = 0; start < count;)
        {
            int end = start + 1;
            while (end < count && _keys[end] == _keys[start]) end++;
            if (end - start > 1) Array.Sort(_tokens, start, end - start);
            start = end;
        }
    }
}
