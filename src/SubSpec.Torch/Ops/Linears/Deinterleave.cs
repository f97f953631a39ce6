using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>Splits 16 consecutive floats into those at even and those at odd positions.</summary>
internal static unsafe class Deinterleave
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Even(float* source) =>
        Vector256.Create(Split(source).GetLower(), Split(source + 8).GetLower());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Odd(float* source) =>
        Vector256.Create(Split(source).GetUpper(), Split(source + 8).GetUpper());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Split(float* source) =>
        Vector256.Shuffle(Vector256.Load(source), Vector256.Create(0, 2, 4, 6, 1, 3, 5, 7));
}
