namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// Few rows read the weights where they lie, at the speed of memory. More rows go through panels: a block of weights widened to
/// fp32 in the L1 cache and used by all row tiles. Both feed the same lanes in the same order, so both give the same bits.
/// </summary>
internal sealed unsafe class LinearKernel<TLanes, V, TWeight, TPanel> : LinearKernel
    where V : unmanaged
    where TLanes : ILanes<V>
    where TWeight : IWeightLoader<V>
    where TPanel : IWeightLoader<V>
{
    private const int DirectRows = PackedRows.TileRows;
    private const int BlockRows = 128;
    private const int PanelInputs = 512;

    private static int Step => 2 * TLanes.Count;

    private static int SumFloats => BlockRows * BlockOuts * TLanes.Count;

    public override int Lanes => TLanes.Count;

    public override int ScratchFloats => SumFloats + BlockOuts * PanelInputs;

    public override void Run(in LinearCall call, float* packed, int rows, int start, int end, float* scratch)
    {
        if (rows <= DirectRows)
        {
            int outs = rows == 1 ? RowKernel<TLanes, V, TWeight>.Outs : TileKernel<TLanes, V, TWeight, FourRows>.Outs;
            for (int first = start; first < end; first += outs) RunDirect(call, packed, rows, first, outs, end, scratch);
            return;
        }
        nint tileStride = PackedRows.TileStride(call.Weight.In, TLanes.Count);
        for (int first = start; first < end; first += BlockOuts)
        {
            for (int row = 0; row < rows; row += BlockRows)
                RunPanels(call, packed + row / PackedRows.TileRows * tileStride, row, Math.Min(BlockRows, rows - row), first, end, scratch);
        }
    }

    private static void RunDirect(in LinearCall call, float* packed, int rows, int start, int outs, int end, float* sums)
    {
        int inputs = call.Weight.In, whole = inputs / Step, rest = inputs - whole * Step;
        byte** weights = stackalloc byte*[outs];
        for (int i = 0; i < outs; i++) weights[i] = Weights(call, start + i, end);
        nint rowStride = outs * TLanes.Count;
        RunTile<TWeight>(weights, outs, packed, rows, sums, rowStride, whole, first: true);
        if (rest > 0)
        {
            int stepBytes = Step * TWeight.ElementBytes;
            byte* tail = stackalloc byte[outs * stepBytes];
            for (int i = 0; i < outs; i++)
            {
                byte* from = weights[i] + whole * stepBytes;
                weights[i] = tail + i * stepBytes;
                CopyPadded(from, rest, weights[i]);
            }
            RunTile<TWeight>(weights, outs, packed + (nint)whole * Step * rows, rows, sums, rowStride, 1, first: whole == 0);
        }
        Finish(call, sums, rowStride, 0, rows, start, Math.Min(outs, end - start));
    }

    private static void RunPanels(in LinearCall call, float* packed, int rowStart, int rows, int start, int end, float* scratch)
    {
        const int tileRows = PackedRows.TileRows;
        int steps = PackedRows.Steps(call.Weight.In, TLanes.Count), panelSteps = PanelInputs / Step;
        nint tileStride = PackedRows.TileStride(call.Weight.In, TLanes.Count), rowStride = BlockOuts * TLanes.Count;
        float* sums = scratch, panel = scratch + SumFloats;
        byte** weights = stackalloc byte*[BlockOuts];
        for (int step = 0; step < steps; step += panelSteps)
        {
            int count = Math.Min(panelSteps, steps - step);
            for (int i = 0; i < BlockOuts; i++)
            {
                weights[i] = (byte*)(panel + i * count * Step);
                Widen(Weights(call, start + i, end), call.Weight.In, step, count, (float*)weights[i]);
            }
            for (int row = 0; row < rows; row += tileRows)
            {
                int inTile = Math.Min(tileRows, rows - row);
                float* x = packed + row / tileRows * tileStride + (nint)step * Step * inTile;
                RunTile<TPanel>(weights, BlockOuts, x, inTile, sums + row * rowStride, rowStride, count, first: step == 0);
            }
        }
        Finish(call, sums, rowStride, rowStart, rows, start, Math.Min(BlockOuts, end - start));
    }

    private static void RunTile<TLoad>(byte** w, int outs, float* x, int rows, float* sums, nint rowStride, int steps, bool first)
        where TLoad : IWeightLoader<V>
    {
        if (rows == 1)
        {
            for (int i = 0; i < outs; i += RowKernel<TLanes, V, TLoad>.Outs)
                RowKernel<TLanes, V, TLoad>.Run(w + i, x, sums + i * TLanes.Count, steps, first);
            return;
        }
        for (int i = 0; i < outs; i += TileKernel<TLanes, V, TLoad, FourRows>.Outs)
        {
            float* to = sums + i * TLanes.Count;
            if (rows == 4) TileKernel<TLanes, V, TLoad, FourRows>.Run(w[i], w[i + 1], w[i + 2], x, to, rowStride, steps, first);
            else if (rows == 3) TileKernel<TLanes, V, TLoad, ThreeRows>.Run(w[i], w[i + 1], w[i + 2], x, to, rowStride, steps, first);
            else TileKernel<TLanes, V, TLoad, TwoRows>.Run(w[i], w[i + 1], w[i + 2], x, to, rowStride, steps, first);
        }
    }

    /// <summary>An output's weights; a tile that reaches past the end repeats the last output and drops the copies.</summary>
    private static byte* Weights(in LinearCall call, int output, int end) =>
        (byte*)call.Weight.Data + (nint)Math.Min(output, end - 1) * call.Weight.In * TWeight.ElementBytes;

    private static void Widen(byte* weights, int inputs, int step, int count, float* panel)
    {
        int stepBytes = Step * TWeight.ElementBytes, whole = Math.Min(count, inputs / Step - step);
        byte* from = weights + (nint)step * stepBytes;
        for (int i = 0; i < whole; i++, from += stepBytes, panel += Step) WidenStep(from, panel);
        if (whole == count) return;
        byte* tail = stackalloc byte[stepBytes];
        CopyPadded(from, inputs % Step, tail);
        WidenStep(tail, panel);
    }

    private static void WidenStep(byte* from, float* to)
    {
        TLanes.Store(TWeight.Even(from), to);
        TLanes.Store(TWeight.Odd(from), to + TLanes.Count);
    }

    private static void CopyPadded(byte* from, int weights, byte* step)
    {
        var target = new Span<byte>(step, Step * TWeight.ElementBytes);
        new Span<byte>(from, weights * TWeight.ElementBytes).CopyTo(target);
        target[(weights * TWeight.ElementBytes)..].Clear();
    }

    private static void Finish(in LinearCall call, float* sums, nint rowStride, int rowStart, int rows, int start, int outs)
    {
        for (int row = 0; row < rows; row++)
        {
            float* from = sums + row * rowStride, to = call.Y + (nint)(rowStart + row) * call.Weight.Out + start;
            for (int i = 0; i < outs; i++)
            {
                float value = TLanes.Sum(TLanes.Load(from + i * TLanes.Count));
                if (call.Bias is not null) value += call.Bias[start + i];
                to[i] = call.Add ? to[i] + value : value;
            }
        }
    }
}
