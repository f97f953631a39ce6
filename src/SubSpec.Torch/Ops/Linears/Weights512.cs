using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>bf16 is the upper half of a float: shift for even positions, mask for odd ones.</summary>
internal readonly unsafe struct BFloat16Weights512 : IWeightLoader<Vector512<float>>
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Even(byte* step) => (Vector512.Load((uint*)step) << 16).AsSingle();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Odd(byte* step) => (Vector512.Load((uint*)step) & Vector512.Create(0xFFFF0000u)).AsSingle();
}

/// <summary>fp16, widened by <see cref="HalfBits"/>.</summary>
internal readonly unsafe struct Float16Weights512 : IWeightLoader<Vector512<float>>
{
    public static int ElementBytes => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Even(byte* step) =>
        Vector512.Create(Float16Weights256.Even(step), Float16Weights256.Even(step + 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Odd(byte* step) =>
        Vector512.Create(Float16Weights256.Odd(step), Float16Weights256.Odd(step + 32));
}

internal readonly unsafe struct Float32Weights512 : IWeightLoader<Vector512<float>>
{
    public static int ElementBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Even(byte* step) =>
        Vector512.Create(Deinterleave.Even((float*)step), Deinterleave.Even((float*)step + 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Odd(byte* step) =>
        Vector512.Create(Deinterleave.Odd((float*)step), Deinterleave.Odd((float*)step + 16));
}

/// <summary>A step of a <see cref="WeightPanel{TLanes, V, TWeight}"/>: the even positions, then the odd ones.</summary>
internal readonly unsafe struct PanelWeights512 : IWeightLoader<Vector512<float>>
{
    public static int ElementBytes => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Even(byte* step) => Vector512.Load((float*)step);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Odd(byte* step) => Vector512.Load((float*)step + 16);
}
