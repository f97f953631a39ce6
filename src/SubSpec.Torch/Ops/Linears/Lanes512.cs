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
        if (count < 8)
        {
            for (int i = 0; i < count; i++) totals[i] = LaneSums.One(Halve(vectors + 16 * i));
            return;
        }
        for (int i = 0; i < count; i += 8)
        {
            int at = Math.Min(i, count - 8); // the last eight overlap the ones before: the same sums twice
            float* v = vectors + 16 * at;
            LaneSums.Eight(Halve(v), Halve(v + 16), Halve(v + 32), Halve(v + 48), Halve(v + 64), Halve(v + 80), Halve(v + 96), Halve(v + 112)).Store(totals + at);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Halve(float* vector) => Vector256.Load(vector) + Vector256.Load(vector + 8);
}
