using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>Eight lanes: AVX2, two NEON registers, or .NET's software vectors.</summary>
internal readonly unsafe struct Lanes256 : ILanes<Vector256<float>>
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* source) => Vector256.Load(source);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> value, float* destination) => value.Store(destination);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> sum) =>
        Vector256.FusedMultiplyAdd(a, b, sum);

    public static void SumEach(float* vectors, int count, float* totals)
    {
        if (count < 8)
        {
            for (int i = 0; i < count; i++) totals[i] = LaneSums.One(Load(vectors + 8 * i));
            return;
        }
        for (int i = 0; i < count; i += 8)
        {
            int at = Math.Min(i, count - 8); // the last eight overlap the ones before: the same sums twice
            float* v = vectors + 8 * at;
            LaneSums.Eight(Load(v), Load(v + 8), Load(v + 16), Load(v + 24), Load(v + 32), Load(v + 40), Load(v + 48), Load(v + 56)).Store(totals + at);
        }
    }
}
