namespace SubSpec.Torch.Ops.Linears;

/// <summary>The inner product of one row with six outputs: six independent chains, enough to keep up with memory.</summary>
internal static unsafe class RowKernel<TLanes, V, TWeight>
    where V : unmanaged
    where TLanes : ILanes<V>
    where TWeight : IWeightLoader<V>
{
    /// <summary>Outputs of one call.</summary>
    public const int Outs = 6;

    /// <param name="w">First step of each output's weights.</param>
    /// <param name="x">The row's inputs, as <see cref="PackedRows"/> lays them out.</param>
    /// <param name="sums">Accumulators [outs, lanes].</param>
    /// <param name="first">Start from zero instead of from <paramref name="sums"/>.</param>
    public static void Run(byte** w, float* x, float* sums, int steps, bool first)
    {
        byte* w0 = w[0], w1 = w[1], w2 = w[2], w3 = w[3], w4 = w[4], w5 = w[5];
        V a0 = default, a1 = default, a2 = default, a3 = default, a4 = default, a5 = default;
        if (!first)
        {
            a0 = TLanes.Load(sums);
            a1 = TLanes.Load(sums + TLanes.Count);
            a2 = TLanes.Load(sums + 2 * TLanes.Count);
            a3 = TLanes.Load(sums + 3 * TLanes.Count);
            a4 = TLanes.Load(sums + 4 * TLanes.Count);
            a5 = TLanes.Load(sums + 5 * TLanes.Count);
        }
        for (nint at = 0, end = (nint)steps * 2 * TLanes.Count * TWeight.ElementBytes; at < end; at += 2 * TLanes.Count * TWeight.ElementBytes)
        {
            V even = TLanes.Load(x), odd = TLanes.Load(x + TLanes.Count);
            a0 = TLanes.MultiplyAdd(even, TWeight.Even(w0 + at), a0);
            a1 = TLanes.MultiplyAdd(even, TWeight.Even(w1 + at), a1);
            a2 = TLanes.MultiplyAdd(even, TWeight.Even(w2 + at), a2);
            a3 = TLanes.MultiplyAdd(even, TWeight.Even(w3 + at), a3);
            a4 = TLanes.MultiplyAdd(even, TWeight.Even(w4 + at), a4);
            a5 = TLanes.MultiplyAdd(even, TWeight.Even(w5 + at), a5);
            a0 = TLanes.MultiplyAdd(odd, TWeight.Odd(w0 + at), a0);
            a1 = TLanes.MultiplyAdd(odd, TWeight.Odd(w1 + at), a1);
            a2 = TLanes.MultiplyAdd(odd, TWeight.Odd(w2 + at), a2);
            a3 = TLanes.MultiplyAdd(odd, TWeight.Odd(w3 + at), a3);
            a4 = TLanes.MultiplyAdd(odd, TWeight.Odd(w4 + at), a4);
            a5 = TLanes.MultiplyAdd(odd, TWeight.Odd(w5 + at), a5);
            x += 2 * TLanes.Count;
        }
        TLanes.Store(a0, sums);
        TLanes.Store(a1, sums + TLanes.Count);
        TLanes.Store(a2, sums + 2 * TLanes.Count);
        TLanes.Store(a3, sums + 3 * TLanes.Count);
        TLanes.Store(a4, sums + 4 * TLanes.Count);
        TLanes.Store(a5, sums + 5 * TLanes.Count);
    }
}
