using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The rows that go through the layers together, of one or several sequences: token, position, the slot that receives its KV, and the
/// slots that it attends to: a shared context (positions ascending), then the row's own path of tree nodes, itself last; and how the token behind it
/// is chosen.
/// </summary>
internal sealed unsafe class RowBatch : IDisposable
{
    private readonly NativeBuffer _contexts;
    private readonly NativeBuffer _paths;
    private readonly AttentionRow[] _lists;
    private int _contextUsed;
    private int _pathUsed;

    /// <param name="maxRows">Rows at most.</param>
    /// <param name="maxSlots">Slots of all leases of a batch, at most; one that several share counts for each of them.</param>
    /// <param name="maxPath">Tree nodes on one path, the root included, at most.</param>
    public RowBatch(int maxRows, int maxSlots, int maxPath)
    {
        MaxRows = maxRows;
        _contexts = new NativeBuffer(ContextBytes(maxSlots));
        _paths = new NativeBuffer(PathBytes(maxRows, maxPath));
        Tokens = new int[maxRows];
        Positions = new int[maxRows];
        Slots = new int[maxRows];
        Sampling = new SamplingOptions[maxRows];
        _lists = new AttentionRow[maxRows];
    }

    /// <summary>Native memory of a batch.</summary>
    public static long BytesFor(int maxRows, int maxSlots, int maxPath) =>
        NativeBuffer.Rounded(ContextBytes(maxSlots)) + NativeBuffer.Rounded(PathBytes(maxRows, maxPath));

    public int MaxRows { get; }

    public int Count { get; private set; }

    public int[] Tokens { get; }

    public int[] Positions { get; }

    public int[] Slots { get; }

    /// <summary>How the token at the position behind each row is chosen.</summary>
    public SamplingOptions[] Sampling { get; }

    /// <summary>What each row attends to.</summary>
    public ReadOnlySpan<AttentionRow> Lists => _lists.AsSpan(0, Count);

    /// <summary>Forgets all rows and contexts.</summary>
    public void Clear() => (Count, _contextUsed, _pathUsed) = (0, 0, 0);

    /// <summary>Forgets the rows but keeps the contexts: the next step of a draft round.</summary>
    public void ClearRows() => (Count, _pathUsed) = (0, 0);

    /// <summary>Keeps a lease's slots for the rows to come; the pointer lives until <see cref="Clear"/>.</summary>
    public int* AddContext(KvLease lease)
    {
        int* slots = (int*)_contexts.Pointer + _contextUsed;
        if (((long)_contextUsed + lease.Capacity) * sizeof(int) > _contexts.Bytes) throw new InvalidOperationException("more slots than the batch was made for");
        lease.Slots.AsSpan().CopyTo(new Span<int>(slots, lease.Capacity));
        _contextUsed += lease.Capacity;
        return slots;
    }

    /// <summary>Adds a row whose path is the context itself: committed rows of a chain, its own slot the last of the context.</summary>
    public void AddChainRow(int token, int position, int* context, SamplingOptions sampling) =>
        Add(token, position, context[position], sampling, context, position + 1, null, 0);

    /// <summary>Adds a tree row.</summary>
    /// <param name="context">Slots of the committed positions.</param>
    /// <param name="pathSlots">Slots from the root to the row's own node.</param>
    public void AddTreeRow(int token, int contextCount, int* context, ReadOnlySpan<int> pathSlots, SamplingOptions sampling)
    {
        int* path = (int*)_paths.Pointer + _pathUsed;
        if (((long)_pathUsed + pathSlots.Length) * sizeof(int) > _paths.Bytes) throw new InvalidOperationException("deeper trees than the batch was made for");
        pathSlots.CopyTo(new Span<int>(path, pathSlots.Length));
        _pathUsed += pathSlots.Length;
        Add(token, contextCount + pathSlots.Length - 1, pathSlots[^1], sampling, context, contextCount, path, pathSlots.Length);
    }

    /// <summary>Takes rows [start, start + count) out; later rows move up.</summary>
    public void Remove(int start, int count)
    {
        int after = Count - start - count;
        foreach (Array column in new Array[] { Tokens, Positions, Slots, Sampling, _lists })
            Array.Copy(column, start + count, column, start, after);
        Count -= count;
    }

    public void Dispose()
    {
        _contexts.Dispose();
        _paths.Dispose();
    }

    private static long ContextBytes(int maxSlots) => (long)maxSlots * sizeof(int);

    private static long PathBytes(int maxRows, int maxPath) => (long)maxRows * maxPath * sizeof(int);

    private void Add(int token, int position, int slot, SamplingOptions sampling, int* context, int contextCount, int* path, int pathCount)
    {
        if (Count == MaxRows) throw new InvalidOperationException($"more than {MaxRows} rows");
        (Tokens[Count], Positions[Count], Slots[Count], Sampling[Count]) = (token, position, slot, sampling);
        _lists[Count] = new AttentionRow(context, contextCount, path, pathCount);
        Count++;
    }
}
