using System.Runtime.CompilerServices;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// The inner product of two to four rows with three outputs. At four rows its 12 accumulators, three weights and one input
/// fill the 16 registers of AVX2.
/// </summary>
internal static unsafe class TileKernel<TLanes, V, TWeight, TRows>
    where V : unmanaged
    where TLanes : ILanes<V>
    where TWeight : IWeightLoader<V>
    where TRows : IRowCount
{
    /// <summary>Outputs of a tile.</summary>
    public const int Outs = 3;

    /// <param name="w0">First step of the first output's weights; likewise <paramref name="w1"/> and <paramref name="w2"/>.</param>
    /// <param name="x">The tile's inputs, as <see cref="PackedRows"/> lays them out.</param>
    /// <param name="sums">Accumulators [rows, outs, lanes]; <paramref name="rowStride"/> floats from row to row.</param>
    /// <param name="first">Start from zero instead of from <paramref name="sums"/>.</param>
    /// <param name="ahead">What is read next: a cache line of it is prefetched at each step.</param>
    public static void Run(byte* w0, byte* w1, byte* w2, float* x, float* sums, nint rowStride, int steps, bool first, byte* ahead)
    {
        V a0 = default, a1 = default, a2 = default, b0 = default, b1 = default, b2 = default;
        V c0 = default, c1 = default, c2 = default, d0 = default, d1 = default, d2 = default;
        if (!first)
        {
            Load(sums, out a0, out a1, out a2);
            Load(sums + rowStride, out b0, out b1, out b2);
            if (TRows.Count > 2) Load(sums + 2 * rowStride, out c0, out c1, out c2);
            if (TRows.Count > 3) Load(sums + 3 * rowStride, out d0, out d1, out d2);
        }
        for (; steps > 0; steps--)
        {
            Prefetch.IntoL1(ahead);
            ahead += Prefetch.Line;
            V e0 = TWeight.Even(w0), e1 = TWeight.Even(w1), e2 = TWeight.Even(w2);
            V r = TLanes.Load(x);
            a0 = TLanes.MultiplyAdd(r, e0, a0);
            a1 = TLanes.MultiplyAdd(r, e1, a1);
            a2 = TLanes.MultiplyAdd(r, e2, a2);
            r = TLanes.Load(x + TLanes.Count);
            b0 = TLanes.MultiplyAdd(r, e0, b0);
            b1 = TLanes.MultiplyAdd(r, e1, b1);
            b2 = TLanes.MultiplyAdd(r, e2, b2);
            if (TRows.Count > 2)
            {
                r = TLanes.Load(x + 2 * TLanes.Count);
                c0 = TLanes.MultiplyAdd(r, e0, c0);
                c1 = TLanes.MultiplyAdd(r, e1, c1);
                c2 = TLanes.MultiplyAdd(r, e2, c2);
            }
            if (TRows.Count > 3)
            {
                r = TLanes.Load(x + 3 * TLanes.Count);
                d0 = TLanes.MultiplyAdd(r, e0, d0);
                d1 = TLanes.MultiplyAdd(r, e1, d1);
                d2 = TLanes.MultiplyAdd(r, e2, d2);
            }
            e0 = TWeight.Odd(w0);
            e1 = TWeight.Odd(w1);
            e2 = TWeight.Odd(w2);
            r = TLanes.Load(x + TRows.Count * TLanes.Count);
            a0 = TLanes.MultiplyAdd(r, e0, a0);
            a1 = TLanes.MultiplyAdd(r, e1, a1);
            a2 = TLanes.MultiplyAdd(r, e2, a2);
            r = TLanes.Load(x + (TRows.Count + 1) * TLanes.Count);
            b0 = TLanes.MultiplyAdd(r, e0, b0);
            b1 = TLanes.MultiplyAdd(r, e1, b1);
            b2 = TLanes.MultiplyAdd(r, e2, b2);
            if (TRows.Count > 2)
            {
                r = TLanes.Load(x + (TRows.Count + 2) * TLanes.Count);
                c0 = TLanes.MultiplyAdd(r, e0, c0);
                c1 = TLanes.MultiplyAdd(r, e1, c1);
                c2 = TLanes.MultiplyAdd(r, e2, c2);
            }
            if (TRows.Count > 3)
            {
                r = TLanes.Load(x + (TRows.Count + 3) * TLanes.Count);
                d0 = TLanes.MultiplyAdd(r, e0, d0);
                d1 = TLanes.MultiplyAdd(r, e1, d1);
                d2 = TLanes.MultiplyAdd(r, e2, d2);
            }
            x += 2 * TRows.Count * TLanes.Count;
            w0 += 2 * TLanes.Count * TWeight.ElementBytes;
            w1 += 2 * TLanes.Count * TWeight.ElementBytes;
            w2 += 2 * TLanes.Count * TWeight.ElementBytes;
        }
        Store(sums, a0, a1, a2);
        Store(sums + rowStride, b0, b1, b2);
        if (TRows.Count > 2) Store(sums + 2 * rowStride, c0, c1, c2);
        if (TRows.Count > 3) Store(sums + 3 * rowStride, d0, d1, d2);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Load(float* sums, out V v0, out V v1, out V v2)
    {
        v0 = TLanes.Load(sums);
        v1 = TLanes.Load(sums + TLanes.Count);
        v2 = TLanes.Load(sums + 2 * TLanes.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(float* sums, V v0, V v1, V v2)
    {
        TLanes.Store(v0, sums);
        TLanes.Store(v1, sums + TLanes.Count);
        TLanes.Store(v2, sums + 2 * TLanes.Count);
    }
}
