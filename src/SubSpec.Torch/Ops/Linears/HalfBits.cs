using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>fp16 to fp32 by integer arithmetic: exact for every bit pattern, and never through a slow denormal float.</summary>
internal static class HalfBits
{
    /// <param name="half">Eight fp16 bit patterns, zero-extended.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Widen(Vector256<uint> half)
    {
        Vector256<uint> magnitude = (half & Vector256.Create(0x7FFFu)) << 13;
        Vector256<uint> sign = (half & Vector256.Create(0x8000u)) << 16;
        var rebias = Vector256.Create(112u << 23);
        Vector256<int> compared = magnitude.AsInt32();
        Vector256<uint> special = Vector256.GreaterThan(compared, Vector256.Create((0x7C00 << 13) - 1)).AsUInt32();
        Vector256<uint> normal = magnitude + rebias + (special & rebias);
        // A subnormal half is its mantissa in units of 2^-24: put it below 2^-14 and subtract that.
        var lowest = Vector256.Create(113u << 23);
        Vector256<uint> subnormal = ((magnitude + lowest).AsSingle() - lowest.AsSingle()).AsUInt32();
        Vector256<uint> isSubnormal = Vector256.LessThan(compared, Vector256.Create(0x400 << 13)).AsUInt32();
        return (Vector256.ConditionalSelect(isSubnormal, subnormal, normal) | sign).AsSingle();
    }
}
