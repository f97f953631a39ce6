using System.Runtime.Intrinsics;

namespace SubSpec.Core.Sampling;

/// <summary>
/// Tells, eight tokens at a time, which of them noise could lift to a wanted value. A bound from above of the Gumbel noise from the
/// leading word alone, without logarithms: it lets a few tokens through in vain and never holds back one that belongs.
/// </summary>
internal readonly struct NoiseScreen(SamplingOptions options, int position)
{
    /// <summary>Tokens of one call.</summary>
    public const int Lanes = 8;

    /// <summary>Above -log(-log(u)) of every 53-bit uniform u.</summary>
    public const double MaxGumbel = 37.5;

    private const float Ln2 = 0.69314718f;

    private readonly ulong _seed = options.Seed;
    private readonly int _choice = options.Choice;
    private readonly float _temperature = (float)options.Temperature;

    /// <summary>What logit + temperature x noise must reach for a perturbed value: a little less than needed, for the rounding of single precision.</summary>
    public float Wanted(double value)
    {
        double scaled = value * options.Temperature;
        return (float)(scaled - 1e-3 * options.Temperature - 1e-6 * Math.Abs(scaled));
    }

    /// <summary>The complement's bits of <see cref="Favoured"/> up to which noise may reach a bound: 1 - u is above e^-bound, nearly, for all noise below it.</summary>
    public static uint Limit(double bound) => (uint)Math.Min(int.MaxValue, Math.Ceiling(Math.Exp(-bound) * (1L << 31)));

    /// <summary>Bit i is set where token + i may have as much noise as the bound of <paramref name="limit"/>; never unset where it has.</summary>
    public uint Favoured(int token, uint limit) =>
        Vector256.LessThanOrEqual(~Philox.LeadingWords(_seed, _choice, position, token) >>> 1, Vector256.Create(limit)).ExtractMostSignificantBits();

    /// <summary>Bit i is set where token + i may reach <paramref name="wanted"/>.</summary>
    public uint Candidates(Vector256<float> logits, int token, float wanted)
    {
        Vector256<float> limit = Vector256.Create(wanted);
        if (Vector256.LessThanAll(logits + Vector256.Create((float)MaxGumbel * _temperature), limit)) return 0;

        // -log(u) >= 1 - u >= v / 2^31 for the upper 31 bits v of the complement, so the noise is at most -log(v / 2^31); and the bits
        // of a float, read as a number, are a line below its logarithm to base 2.
        Vector256<int> v = (~Philox.LeadingWords(_seed, _choice, position, token) >>> 1).AsInt32();
        Vector256<float> log2 = Vector256.ConvertToSingle(Vector256.ConvertToSingle(v).AsInt32()) * (1f / (1 << 23));
        Vector256<float> noise = (Vector256.Create(127f + 31f) - log2) * Ln2;
        return ~Vector256.LessThan(logits + noise * _temperature, limit).ExtractMostSignificantBits() & 0xFF;
    }
}
