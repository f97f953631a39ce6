using System.Runtime.Intrinsics;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>
/// For each query: scores = K q, softmax, output = P V, over the joined list of its slots. Queries that share a context go
/// through K and V together, which changes what is in the cache but not one addition of any of them.
/// </summary>
internal sealed unsafe class AttentionKernel<TWeight>(AttentionShape shape) : AttentionKernel
    where TWeight : IWeightLoader<Vector256<float>>
{
    private const int TilePositions = AttentionScratch.TilePositions;
    private const int TileRows = PackedRows.TileRows;

    private readonly nint _slotBytes = (nint)shape.KvHeads * shape.HeadDim * TWeight.ElementBytes;
    private readonly int _vectorBytes = shape.HeadDim * TWeight.ElementBytes;
    private readonly int _paddedBytes = shape.PaddedDim * TWeight.ElementBytes;
    private readonly nint _tileStride = PackedRows.TileStride(shape.HeadDim, Lanes256.Count);

    public override void Run(in AttentionCall call, int row, int rows, int kvHead, AttentionScratch scratch)
    {
        int group = shape.Group, queries = rows * group, dim = shape.HeadDim;
        nint head = (nint)kvHead * group * dim, rowStride = (nint)shape.Heads * dim;
        byte* keys = (byte*)call.Layer.Keys + (nint)kvHead * _vectorBytes, values = (byte*)call.Layer.Values + (nint)kvHead * _vectorBytes;
        AttentionRow* list = call.Rows + row;
        int shared = list[0].ContextCount;
        for (int r = 1; r < rows; r++) shared = Math.Min(shared, list[r].ContextCount);

        for (int r = 0; r < rows; r++)
            new Span<float>(call.Queries + (row + r) * rowStride + head, group * dim).CopyTo(new Span<float>(scratch.Queries + r * group * dim, group * dim));
        Pack(scratch.Queries, queries, scratch);
        Score(keys, list[0].ContextSlots, shared, queries, scratch.Scores, scratch);
        for (int r = 0; r < rows; r++)
        {
            float* scores = scratch.Scores + (nint)r * group * scratch.ScoreStride;
            if (list[r].Count > shared && rows > 1) Pack(scratch.Queries + r * group * dim, group, scratch);
            Score(keys, list[r].ContextSlots + shared, list[r].ContextCount - shared, group, scores + shared, scratch);
            Score(keys, list[r].PathSlots, list[r].PathCount, group, scores + list[r].ContextCount, scratch);
            for (int g = 0; g < group; g++)
                scratch.Totals[r * group + g] = Softmax.Numerators(scores + g * (nint)scratch.ScoreStride, list[r].Count, call.Scale);
        }

        new Span<float>(scratch.Accumulators, queries * shape.PaddedDim).Clear();
        Accumulate(values, list[0].ContextSlots, shared, queries, scratch.Scores, scratch.Accumulators, scratch);
        for (int r = 0; r < rows; r++)
        {
            float* p = scratch.Scores + (nint)r * group * scratch.ScoreStride, sums = scratch.Accumulators + (nint)r * group * shape.PaddedDim;
            Accumulate(values, list[r].ContextSlots + shared, list[r].ContextCount - shared, group, p + shared, sums, scratch);
            Accumulate(values, list[r].PathSlots, list[r].PathCount, group, p + list[r].ContextCount, sums, scratch);
            for (int g = 0; g < group; g++)
                Finish(sums + g * shape.PaddedDim, scratch.Totals[r * group + g], call.Round, call.Output + (row + r) * rowStride + head + g * dim);
        }
    }

    private void Pack(float* queries, int count, AttentionScratch scratch)
    {
        for (int i = 0; i < count; i += TileRows)
            PackedRows.PackTile(queries + i * shape.HeadDim, Math.Min(TileRows, count - i), shape.HeadDim, Lanes256.Count, scratch.Packed + i / TileRows * _tileStride);
    }

    /// <summary>Scores the packed queries against the keys in <paramref name="slots"/>.</summary>
    private void Score(byte* keys, int* slots, int count, int queries, float* scores, AttentionScratch scratch)
    {
        for (int start = 0; start < count; start += AttentionScratch.ChunkPositions)
        {
            int inChunk = Math.Min(AttentionScratch.ChunkPositions, count - start);
            LookUp(keys, slots + start, inChunk, scratch);
            for (int i = 0; i < inChunk; i += TilePositions)
            {
                int positions = Math.Min(TilePositions, inChunk - i);
                for (int query = 0; query < queries; query += TileRows)
                {
                    int inTile = Math.Min(TileRows, queries - query), grain = RowTile<Lanes256, Vector256<float>, TWeight>.OutGrain(inTile);
                    int outs = (positions + grain - 1) / grain * grain;
                    float* x = scratch.Packed + query / TileRows * _tileStride;
                    RowTile<Lanes256, Vector256<float>, TWeight>.Run(scratch.Pointers + i, outs, x, inTile, scratch.Sums, shape.Steps, first: true, ahead: scratch.Pointers[i + TilePositions]);
                    for (int r = 0; r < inTile; r++)
                        Lanes256.SumEach(scratch.Sums + r * outs * Lanes256.Count, positions, scores + (query + r) * (nint)scratch.ScoreStride + start + i);
                }
            }
        }
    }

    /// <summary>Adds the values in <paramref name="slots"/>, weighted by each query's probabilities, to its accumulators.</summary>
    private void Accumulate(byte* values, int* slots, int count, int queries, float* p, float* sums, AttentionScratch scratch)
    {
        for (int start = 0; start < count; start += AttentionScratch.ChunkPositions)
        {
            int inChunk = Math.Min(AttentionScratch.ChunkPositions, count - start);
            LookUp(values, slots + start, inChunk, scratch);
            int query = 0;
            for (; queries - query > 2; query += TileRows)
            {
                float* from = p + query * (nint)scratch.ScoreStride + start, to = sums + query * (nint)shape.PaddedDim;
                for (int step = 0; step < shape.Steps; step++, to += ValueKernel<TWeight>.StepDims)
                {
                    if (queries - query > 3) ValueKernel<TWeight>.Run<FourRows>(scratch.Pointers, StepBytes(step), inChunk, from, scratch.ScoreStride, to, shape.PaddedDim);
                    else ValueKernel<TWeight>.Run<ThreeRows>(scratch.Pointers, StepBytes(step), inChunk, from, scratch.ScoreStride, to, shape.PaddedDim);
                }
            }
            for (; query < queries; query++) AccumulateOne(inChunk, p + query * (nint)scratch.ScoreStride + start, sums + query * (nint)shape.PaddedDim, scratch);
        }
    }

    private void AccumulateOne(int positions, float* p, float* sums, AttentionScratch scratch)
    {
        const int wide = ValueKernel<TWeight>.WideSteps;
        int step = 0;
        for (; step + wide <= shape.Steps; step += wide)
            ValueKernel<TWeight>.RunWide(scratch.Pointers, StepBytes(step), positions, p, sums + step * ValueKernel<TWeight>.StepDims);
        for (; step < shape.Steps; step++)
            ValueKernel<TWeight>.Run<OneRow>(scratch.Pointers, StepBytes(step), positions, p, 0, sums + step * ValueKernel<TWeight>.StepDims, 0);
    }

    private static nint StepBytes(int step) => (nint)step * ValueKernel<TWeight>.StepDims * TWeight.ElementBytes;

    /// <summary>Points at the vector of each slot, or at a zero-padded copy where a vector ends inside a step; a tile more repeats the last one.</summary>
    private void LookUp(byte* pool, int* slots, int count, AttentionScratch scratch)
    {
        for (int i = 0; i < count; i++)
        {
            scratch.Pointers[i] = pool + slots[i] * _slotBytes;
            Prefetch.IntoL2(scratch.Pointers[i], _vectorBytes);
        }
        if (_paddedBytes != _vectorBytes)
        {
            for (int i = 0; i < count; i++)
            {
                var copy = new Span<byte>(scratch.Vectors + i * _paddedBytes, _paddedBytes);
                new Span<byte>(scratch.Pointers[i], _vectorBytes).CopyTo(copy);
                copy[_vectorBytes..].Clear();
                scratch.Pointers[i] = scratch.Vectors + i * _paddedBytes;
            }
        }
        for (int i = 0; i < TilePositions; i++) scratch.Pointers[count + i] = scratch.Pointers[count - 1];
    }

    private void Finish(float* sums, float total, bool round, float* output)
    {
        for (int i = 0; i < shape.PaddedDim; i += Lanes256.Count)
        {
            Vector256<float> value = Vector256.Load(sums + i) / Vector256.Create(total);
            (round ? BFloat16.Round(value) : value).Store(sums + i);
        }
        for (int i = 0; i < shape.HeadDim; i++) output[i] = sums[i / 16 * 16 + i % 2 * 8 + i % 16 / 2];
    }
}
