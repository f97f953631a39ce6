using System.Runtime.CompilerServices;

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
    private const int DirectRows = 2 * PackedRows.TileRows;
    private const int BlockRows = 128;
    private const int PanelFloats = BlockOuts * 384;

    private static int Step => 2 * TLanes.Count;

    private static int PanelSteps => PanelFloats / BlockOuts / Step;

    private static int SumFloats => BlockRows * BlockOuts * TLanes.Count;

    public override int Lanes => TLanes.Count;

    public override int ScratchFloats => SumFloats + PanelFloats;

    public override void Run(in LinearCall call, float* packed, int rows, int start, int end, float* scratch)
    {
        if (rows <= DirectRows)
        {
            int outs = RowTile<TLanes, V, TWeight>.OutGrain(rows % PackedRows.TileRows);
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
        if (whole > 0) RunTiles<TWeight>(weights, outs, packed, inputs, rows, 0, whole, sums);
        if (rest > 0)
        {
            int stepBytes = Step * TWeight.ElementBytes;
            byte* tail = stackalloc byte[outs * stepBytes];
            for (int i = 0; i < outs; i++)
            {
                CopyPadded(weights[i] + whole * stepBytes, rest, tail + i * stepBytes);
                weights[i] = tail + i * stepBytes;
            }
            RunTiles<TWeight>(weights, outs, packed, inputs, rows, whole, 1, sums);
        }
        Finish(call, sums, outs, 0, rows, start, Math.Min(outs, end - start));
    }

    private static void RunPanels(in LinearCall call, float* packed, int rowStart, int rows, int start, int end, float* scratch)
    {
        int inputs = call.Weight.In, steps = PackedRows.Steps(inputs, TLanes.Count);
        float* sums = scratch, panel = scratch + SumFloats;
        byte** weights = stackalloc byte*[BlockOuts];
        for (int step = 0; step < steps; step += PanelSteps)
        {
            int count = Math.Min(PanelSteps, steps - step);
            for (int i = 0; i < BlockOuts; i++)
            {
                weights[i] = (byte*)(panel + i * count * Step);
                Widen(Weights(call, start + i, end), inputs, step, count, (float*)weights[i]);
            }
            RunTiles<TPanel>(weights, BlockOuts, packed, inputs, rows, step, count, sums, NextPanel(call, start, end, step), call.Weight.In * TWeight.ElementBytes);
        }
        Finish(call, sums, BlockOuts, rowStart, rows, start, Math.Min(BlockOuts, end - start));
    }

    /// <summary>Steps [<paramref name="step"/>, + <paramref name="count"/>) of all row tiles. Meanwhile the weights of the next panel come into the cache, a few for each tile.</summary>
    private static void RunTiles<TLoad>(byte** w, int outs, float* packed, int inputs, int rows, int step, int count, float* sums, byte* nextPanel = null, int nextStride = 0)
        where TLoad : IWeightLoader<V>
    {
        const int tileRows = PackedRows.TileRows;
        nint tileStride = PackedRows.TileStride(inputs, TLanes.Count), rowStride = outs * TLanes.Count;
        for (int row = 0; row < rows; row += tileRows, packed += tileStride)
        {
            int inTile = Math.Min(tileRows, rows - row);
            for (int i = row * outs / rows; nextPanel is not null && i < (row + inTile) * outs / rows; i++)
                Prefetch.IntoL2(nextPanel + (nint)i * nextStride, PanelSteps * Step * TWeight.ElementBytes);
            float* x = packed + (nint)step * Step * inTile;
            RowTile<TLanes, V, TLoad>.Run(w, outs, x, inTile, sums + row * rowStride, count, first: step == 0, ahead: (byte*)(x + tileStride));
        }
    }

    /// <summary>The first weight of the panel that follows the one at <paramref name="step"/>; an address to prefetch, which may lie past the matrix.</summary>
    private static byte* NextPanel(in LinearCall call, int start, int end, int step)
    {
        bool last = (step + PanelSteps) * Step >= call.Weight.In;
        return last ? Weights(call, start + BlockOuts, end) : Weights(call, start, end) + (nint)(step + PanelSteps) * Step * TWeight.ElementBytes;
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

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    private static void Finish(in LinearCall call, float* sums, int sumOuts, int rowStart, int rows, int start, int outs)
    {
        float* totals = stackalloc float[BlockOuts];
        for (int row = 0; row < rows; row++)
        {
            float* to = call.Y + (nint)(rowStart + row) * call.Weight.Out + start;
            TLanes.SumEach(sums + (nint)row * sumOuts * TLanes.Count, outs, totals);
            for (int i = 0; i < outs; i++)
            {
                float value = call.Bias is null ? totals[i] : totals[i] + call.Bias[start + i];
                to[i] = call.Add ? to[i] + value : value;
            }
        }
    }
}
