using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops;

/// <summary>Functions with the same bits in every lane, on every processor: fused multiply-adds and integer steps only.</summary>
internal static class VectorMath
{
    private const float Lowest = -87.33654f;
    private const float Highest = 88.37626f;

    /// <summary>
    /// e^x to 2 units in the last place: x = n ln 2 + r, a polynomial for e^r, n added to the exponent (the scheme and
    /// coefficients of Cephes' expf). 0 below the smallest normal result; inputs above 88.37 count as 88.37.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Exp(Vector256<float> x)
    {
        Vector256<float> bounded = Vector256.Min(Vector256.Max(x, Vector256.Create(Lowest)), Vector256.Create(Highest));
        var rounder = Vector256.Create(12582912f); // 1.5 * 2^23: adding it leaves the nearest integer in the low bits
        Vector256<float> shifted = Vector256.FusedMultiplyAdd(bounded, Vector256.Create(1.44269504f), rounder);
        Vector256<float> n = shifted - rounder;
        Vector256<float> r = Vector256.FusedMultiplyAdd(n, Vector256.Create(-0.693359375f), bounded);
        r = Vector256.FusedMultiplyAdd(n, Vector256.Create(2.12194440e-4f), r);
        var p = Vector256.Create(1.9875691500e-4f);
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.3981999507e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(8.3334519073e-3f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(4.1665795894e-2f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(1.6666665459e-1f));
        p = Vector256.FusedMultiplyAdd(p, r, Vector256.Create(5.0000001201e-1f));
        p = Vector256.FusedMultiplyAdd(p, r * r, r + Vector256<float>.One);
        // The exponent moves by integer arithmetic; the low bits of the shifted number hold n.
        Vector256<float> scaled = (p.AsInt32() + (shifted.AsInt32() << 23)).AsSingle();
        return Vector256.AndNot(scaled, Vector256.LessThan(x, Vector256.Create(Lowest)));
    }

    /// <summary>x / (1 + e^-x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Silu(Vector256<float> x) => x / (Vector256<float>.One + Exp(-x));
}
