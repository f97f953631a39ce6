using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>The sum of eight lanes: ((l0 + l4) + (l2 + l6)) + ((l1 + l5) + (l3 + l7)), in every variant.</summary>
internal static class LaneSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float One(Vector256<float> v)
    {
        Vector128<float> four = v.GetLower() + v.GetUpper();
        Vector128<float> two = four + Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3));
        return two.ToScalar() + two.GetElement(1);
    }

    /// <summary>Eight sums at once by transposing while adding: a third of the instructions.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Eight(
        Vector256<float> a, Vector256<float> b, Vector256<float> c, Vector256<float> d,
        Vector256<float> e, Vector256<float> f, Vector256<float> g, Vector256<float> h)
    {
        if (!Avx.IsSupported) return Vector256.Create(One(a), One(b), One(c), One(d), One(e), One(f), One(g), One(h));
        return Odd(Even(Pair(a, e), Pair(b, f)), Even(Pair(c, g), Pair(d, h)));
    }

    // [x0 + x4, x1 + x5, x2 + x6, x3 + x7 | the same of y]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(Vector256<float> x, Vector256<float> y) =>
        Avx.Permute2x128(x, y, 0x20) + Avx.Permute2x128(x, y, 0x31);

    // In each half: [x0 + x2, x1 + x3, y0 + y2, y1 + y3]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Even(Vector256<float> x, Vector256<float> y) => Avx.Shuffle(x, y, 0x44) + Avx.Shuffle(x, y, 0xEE);

    // In each half: [x0 + x1, x2 + x3, y0 + y1, y2 + y3]
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Odd(Vector256<float> x, Vector256<float> y) => Avx.Shuffle(x, y, 0x88) + Avx.Shuffle(x, y, 0xDD);
}
