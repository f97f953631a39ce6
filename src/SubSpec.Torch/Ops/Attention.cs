using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Ops;

/// <summary>
/// Attention of rows over lists of KV slots. A row's result depends on the joined list of its K and V vectors alone: not on slot
/// numbers, on where the list is split, on its neighbours or on the threads. Positions that are not in the list do not exist.
/// </summary>
internal sealed unsafe class Attention : TeamTask, IDisposable
{
    private const int BlockQueries = 16;

    private readonly AttentionShape _shape;
    private readonly int _maxRows;
    private readonly int _maxPositions;
    private readonly AttentionKernel[] _kernels;
    private readonly NativeBuffer _memory;
    private readonly NativeBuffer _rowLists;
    private readonly AttentionScratch[] _scratches;
    private readonly int[] _blockStarts;
    private AttentionCall _call;
    private int _blocks;
    private int _nextItem;

    /// <param name="threads">Threads of the teams that will run it, at most.</param>
    /// <param name="maxRows">Rows of a call, at most.</param>
    /// <param name="maxPositions">Positions of one row's list, at most.</param>
    public Attention(AttentionShape shape, int threads, int maxRows, int maxPositions)
    {
        if (shape.KvHeads < 1 || shape.HeadDim < 1 || shape.Heads < 1 || shape.Heads % shape.KvHeads != 0)
            throw new BadInputException($"attention needs heads that are a multiple of the key-value heads, not {shape.Heads} of {shape.KvHeads} with {shape.HeadDim} dimensions: check the model's config.json");
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxPositions, 1);
        _shape = shape;
        _maxRows = maxRows;
        _maxPositions = maxPositions;
        _kernels = AttentionKernel.Create(shape);
        int maxQueries = Math.Max(BlockQueries, shape.Group);
        long floats = AttentionScratch.Floats(shape, maxQueries, maxPositions);
        _memory = new NativeBuffer(threads * floats * sizeof(float));
        _rowLists = new NativeBuffer((long)maxRows * sizeof(AttentionRow));
        _scratches = new AttentionScratch[threads];
        for (int i = 0; i < threads; i++) _scratches[i] = new AttentionScratch(shape, maxQueries, maxPositions, _memory.Floats + i * (nint)floats);
        _blockStarts = new int[maxRows + 1];
    }

    /// <summary>Native memory of an instance.</summary>
    public static long BytesFor(AttentionShape shape, int threads, int maxRows, int maxPositions) =>
        NativeBuffer.Rounded(threads * AttentionScratch.Floats(shape, Math.Max(BlockQueries, shape.Group), maxPositions) * sizeof(float)) +
        NativeBuffer.Rounded((long)maxRows * sizeof(AttentionRow));

    /// <summary>output = softmax(scale q K^T) V, per row and head.</summary>
    /// <param name="queries">fp32 [rows, heads, headDim].</param>
    /// <param name="rows">The list of each row, not empty; slots are valid for the pool.</param>
    /// <param name="scale">Positive; usually 1 / sqrt(headDim).</param>
    /// <param name="output">fp32 [rows, heads, headDim]; may be <paramref name="queries"/>.</param>
    /// <param name="round">Rounds the result to bf16, for a linear with bf16 weights.</param>
    public void Forward(ComputeTeam team, in KvLayer layer, float* queries, ReadOnlySpan<AttentionRow> rows, float scale, float* output, bool round = false)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(team.Threads, _scratches.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, _maxRows);
        foreach (ref readonly AttentionRow row in rows)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(row.Count, 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(row.Count, _maxPositions);
        }
        var lists = (AttentionRow*)_rowLists.Pointer;
        rows.CopyTo(new Span<AttentionRow>(lists, _maxRows));
        _call = new AttentionCall { Layer = layer, Queries = queries, Output = output, Rows = lists, Scale = scale, Round = round };
        FindBlocks(rows);
        _nextItem = 0;
        if (rows.Length > 0) team.Run(this);
    }

    public override void Run(int worker, int workers)
    {
        AttentionKernel kernel = _kernels[(int)_call.Layer.Type];
        for (int item = Take(); item < _blocks * _shape.KvHeads; item = Take())
        {
            int block = item / _shape.KvHeads, row = _blockStarts[block];
            kernel.Run(_call, row, _blockStarts[block + 1] - row, item % _shape.KvHeads, _scratches[worker]);
        }
    }

    public void Dispose()
    {
        _memory.Dispose();
        _rowLists.Dispose();
    }

    /// <summary>Neighbours of one context make a block: its K and V are read once for all of them.</summary>
    private void FindBlocks(ReadOnlySpan<AttentionRow> rows)
    {
        int blockRows = Math.Max(1, BlockQueries / _shape.Group);
        _blocks = 0;
        for (int row = 0; row < rows.Length; row++)
        {
            bool joins = row > 0 && row - _blockStarts[_blocks - 1] < blockRows && rows[row].ContextSlots == rows[row - 1].ContextSlots;
            if (!joins) _blockStarts[_blocks++] = row;
        }
        _blockStarts[_blocks] = rows.Length;
    }

    private int Take() => Interlocked.Increment(ref _nextItem) - 1;
}
