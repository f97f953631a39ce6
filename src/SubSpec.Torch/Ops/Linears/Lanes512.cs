using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>Sixteen lanes: AVX-512.</summary>
internal readonly unsafe struct Lanes512 : ILanes<Vector512<float>>
{
    public static int Count => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* source) => Vector512.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(a, b, sum);

    public static void SumEach(float* vectors, int count, float* totals)
    {
        int i = 0;
        for (; i + 8 <= count; i += 8, vectors += 128)
        {
            LaneSums.Eight(
                Halve(vectors), Halve(vectors + 16), Halve(vectors + 32), Halve(vectors + 48),
                Halve(vectors + 64), Halve(vectors + 80), Halve(vectors + 96), Halve(vectors + 112)).Store(totals + i);
        }
        for (; i < count; i++, vectors += 16) totals[i] = LaneSums.One(Halve(vectors));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halve(float* vector) => Vector256.Load(vector) + Vector256.Load(vector + 8);
}
