using System.Runtime.Intrinsics;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>
/// Sums of values weighted by probabilities, positions ascending, every dimension a chain of its own: one to four queries over
/// one step of 16 dimensions, or one query over four steps where there are too few queries to keep the multipliers busy.
/// </summary>
internal static unsafe class ValueKernel<TWeight>
    where TWeight : IWeightLoader<Vector256<float>>
{
    /// <summary>Dimensions of one step.</summary>
    public const int StepDims = 16;

    /// <summary>Steps that <see cref="RunWide"/> takes.</summary>
    public const int WideSteps = 4;

    /// <param name="values">The value vector of each position.</param>
    /// <param name="offset">Bytes from a vector's start to the step.</param>
    /// <param name="p">Probabilities [queries, positions]; <paramref name="pStride"/> floats from query to query.</param>
    /// <param name="sums">Accumulators [queries, dimensions] at the step; <paramref name="sumStride"/> floats from query to query.</param>
    public static void Run<TRows>(byte** values, nint offset, int positions, float* p, nint pStride, float* sums, nint sumStride)
        where TRows : IRowCount
    {
        Vector256<float> a0 = Vector256.Load(sums), a1 = Vector256.Load(sums + 8), b0 = default, b1 = default;
        Vector256<float> c0 = default, c1 = default, d0 = default, d1 = default;
        float* pb = p + pStride, pc = p + 2 * pStride, pd = p + 3 * pStride;
        if (TRows.Count > 1)
        {
            b0 = Vector256.Load(sums + sumStride);
            b1 = Vector256.Load(sums + sumStride + 8);
        }
        if (TRows.Count > 2)
        {
            c0 = Vector256.Load(sums + 2 * sumStride);
            c1 = Vector256.Load(sums + 2 * sumStride + 8);
        }
        if (TRows.Count > 3)
        {
            d0 = Vector256.Load(sums + 3 * sumStride);
            d1 = Vector256.Load(sums + 3 * sumStride + 8);
        }
        for (int i = 0; i < positions; i++)
        {
            byte* v = values[i] + offset;
            Vector256<float> even = TWeight.Even(v), odd = TWeight.Odd(v);
            var weight = Vector256.Create(p[i]);
            a0 = Vector256.FusedMultiplyAdd(weight, even, a0);
            a1 = Vector256.FusedMultiplyAdd(weight, odd, a1);
            if (TRows.Count > 1)
            {
                weight = Vector256.Create(pb[i]);
                b0 = Vector256.FusedMultiplyAdd(weight, even, b0);
                b1 = Vector256.FusedMultiplyAdd(weight, odd, b1);
            }
            if (TRows.Count > 2)
            {
                weight = Vector256.Create(pc[i]);
                c0 = Vector256.FusedMultiplyAdd(weight, even, c0);
                c1 = Vector256.FusedMultiplyAdd(weight, odd, c1);
            }
            if (TRows.Count > 3)
            {
                weight = Vector256.Create(pd[i]);
                d0 = Vector256.FusedMultiplyAdd(weight, even, d0);
                d1 = Vector256.FusedMultiplyAdd(weight, odd, d1);
            }
        }
        a0.Store(sums);
        a1.Store(sums + 8);
        if (TRows.Count > 1)
        {
            b0.Store(sums + sumStride);
            b1.Store(sums + sumStride + 8);
        }
        if (TRows.Count > 2)
        {
            c0.Store(sums + 2 * sumStride);
            c1.Store(sums + 2 * sumStride + 8);
        }
        if (TRows.Count > 3)
        {
            d0.Store(sums + 3 * sumStride);
            d1.Store(sums + 3 * sumStride + 8);
        }
    }

    /// <summary>One query over <see cref="WideSteps"/> steps.</summary>
    public static void RunWide(byte** values, nint offset, int positions, float* p, float* sums)
    {
        Vector256<float> a0 = Vector256.Load(sums), a1 = Vector256.Load(sums + 8), b0 = Vector256.Load(sums + 16), b1 = Vector256.Load(sums + 24);
        Vector256<float> c0 = Vector256.Load(sums + 32), c1 = Vector256.Load(sums + 40), d0 = Vector256.Load(sums + 48), d1 = Vector256.Load(sums + 56);
        for (int i = 0; i < positions; i++)
        {
            byte* v = values[i] + offset;
            var weight = Vector256.Create(p[i]);
            a0 = Vector256.FusedMultiplyAdd(weight, TWeight.Even(v), a0);
            a1 = Vector256.FusedMultiplyAdd(weight, TWeight.Odd(v), a1);
            v += StepDims * TWeight.ElementBytes;
            b0 = Vector256.FusedMultiplyAdd(weight, TWeight.Even(v), b0);
            b1 = Vector256.FusedMultiplyAdd(weight, TWeight.Odd(v), b1);
            v += StepDims * TWeight.ElementBytes;
            c0 = Vector256.FusedMultiplyAdd(weight, TWeight.Even(v), c0);
            c1 = Vector256.FusedMultiplyAdd(weight, TWeight.Odd(v), c1);
            v += StepDims * TWeight.ElementBytes;
            d0 = Vector256.FusedMultiplyAdd(weight, TWeight.Even(v), d0);
            d1 = Vector256.FusedMultiplyAdd(weight, TWeight.Odd(v), d1);
        }
        a0.Store(sums);
        a1.Store(sums + 8);
        b0.Store(sums + 16);
        b1.Store(sums + 24);
        c0.Store(sums + 32);
        c1.Store(sums + 40);
        d0.Store(sums + 48);
        d1.Store(sums + 56);
    }
}
