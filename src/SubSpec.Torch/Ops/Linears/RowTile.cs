namespace SubSpec.Torch.Ops.Linears;

/// <summary>The inner products of one tile of one to four rows with any number of outputs, by the kernel that fits.</summary>
internal static unsafe class RowTile<TLanes, V, TWeight>
    where V : unmanaged
    where TLanes : ILanes<V>
    where TWeight : IWeightLoader<V>
{
    /// <summary>What the number of outputs must be a multiple of.</summary>
    public static int OutGrain(int rows) => rows == 1 ? RowKernel<TLanes, V, TWeight>.Outs : TileKernel<TLanes, V, TWeight, FourRows>.Outs;

    /// <param name="w">First step of each output's weights.</param>
    /// <param name="outs">A multiple of <see cref="OutGrain"/>.</param>
    /// <param name="x">The tile's inputs, as <see cref="PackedRows"/> lays them out.</param>
    /// <param name="sums">Accumulators [rows, outs, lanes].</param>
    /// <param name="first">Start from zero instead of from <paramref name="sums"/>.</param>
    /// <param name="ahead">What is read next, to be prefetched.</param>
    public static void Run(byte** w, int outs, float* x, int rows, float* sums, int steps, bool first, byte* ahead)
    {
        if (rows == 1)
        {
            for (int i = 0; i < outs; i += RowKernel<TLanes, V, TWeight>.Outs, sums += RowKernel<TLanes, V, TWeight>.Outs * TLanes.Count)
                RowKernel<TLanes, V, TWeight>.Run(w + i, x, sums, steps, first);
            return;
        }
        nint rowStride = outs * TLanes.Count;
        for (byte** end = w + outs; w < end; w += TileKernel<TLanes, V, TWeight, FourRows>.Outs)
        {
            if (rows == 4) TileKernel<TLanes, V, TWeight, FourRows>.Run(w[0], w[1], w[2], x, sums, rowStride, steps, first, ahead);
            else if (rows == 3) TileKernel<TLanes, V, TWeight, ThreeRows>.Run(w[0], w[1], w[2], x, sums, rowStride, steps, first, ahead);
            else TileKernel<TLanes, V, TWeight, TwoRows>.Run(w[0], w[1], w[2], x, sums, rowStride, steps, first, ahead);
            ahead += steps * Prefetch.Line;
            sums += TileKernel<TLanes, V, TWeight, FourRows>.Outs * TLanes.Count;
        }
    }
}
