using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>bf16 is the upper half of a float: shift for even positions, mask for odd ones.</summary>
internal readonly unsafe struct BFloat16Weights256 : IWeightLoader<Vector256<float>>
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Even(byte* step) => (Vector256.Load((uint*)step) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Odd(byte* step) => (Vector256.Load((uint*)step) & Vector256.Create(0xFFFF0000u)).AsSingle();
}

/// <summary>fp16, widened by <see cref="HalfBits"/>.</summary>
internal readonly unsafe struct Float16Weights256 : IWeightLoader<Vector256<float>>
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Even(byte* step) => HalfBits.Widen(Vector256.Load((uint*)step) & Vector256.Create(0xFFFFu));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Odd(byte* step) => HalfBits.Widen(Vector256.Load((uint*)step) >>> 16);
}

internal readonly unsafe struct Float32Weights256 : IWeightLoader<Vector256<float>>
{
    public static int ElementBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Even(byte* step) => Deinterleave.Even((float*)step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Odd(byte* step) => Deinterleave.Odd((float*)step);
}

/// <summary>A step of a <see cref="WeightPanel{TLanes, V, TWeight}"/>: the even positions, then the odd ones.</summary>
internal readonly unsafe struct PanelWeights256 : IWeightLoader<Vector256<float>>
{
    public static int ElementBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Even(byte* step) => Vector256.Load((float*)step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Odd(byte* step) => Vector256.Load((float*)step + 8);
}
