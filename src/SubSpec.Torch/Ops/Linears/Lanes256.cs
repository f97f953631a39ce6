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
        int i = 0;
        for (; i + 8 <= count; i += 8, vectors += 64)
        {
            LaneSums.Eight(
                Load(vectors), Load(vectors + 8), Load(vectors + 16), Load(vectors + 24),
                Load(vectors + 32), Load(vectors + 40), Load(vectors + 48), Load(vectors + 56)).Store(totals + i);
        }
        for (; i < count; i++, vectors += 8) totals[i] = LaneSums.One(Load(vectors));
    }
}
