namespace SubSpec.Core.Kv;

/// <summary>
/// Blocks of committed KV by the tokens they hold: a tree whose edges are blocks of tokens (vLLM's automatic prefix caching). A block
/// that no lease uses stays until its memory is wanted. Then the one that was unused for the longest time goes first, but KV of a
/// session stays ahead of everybody else's until it has been idle for <paramref name="sessionIdle"/>. A lease gives its last block back
/// first, and who uses a block uses all before it, so a block never goes before those that stand on it.
/// </summary>
internal sealed class PrefixCache(TimeSpan sessionIdle, TimeProvider time)
{
    private readonly Dictionary<BlockKey, CachedBlock> _blocks = [];

    // Blocks that no lease uses, the longest unused first.
    private readonly LinkedList<CachedBlock> _sessions = [];
    private readonly LinkedList<CachedBlock> _others = [];
    private long _ids;

    /// <summary>Blocks that leases use.</summary>
    public int Used => _blocks.Count - Unused;

    /// <summary>Blocks that no lease uses: their memory can be had.</summary>
    public int Unused => _sessions.Count + _others.Count;

    /// <summary>The block that holds these tokens after <paramref name="parent"/>; null where there is none.</summary>
    /// <param name="parent">Null for the first block.</param>
    public CachedBlock? Find(CachedBlock? parent, string scope, ReadOnlySpan<int> tokens) => _blocks.GetValueOrDefault(new BlockKey(parent?.Id ?? 0, scope, [.. tokens]));

    /// <summary>Puts a block in. Throws where there is one of these tokens.</summary>
    public CachedBlock Add(CachedBlock? parent, string scope, ReadOnlySpan<int> tokens, int block)
    {
        var added = new CachedBlock(new BlockKey(parent?.Id ?? 0, scope, [.. tokens]), ++_ids, block) { References = 1 };
        _blocks.Add(added.Key, added);
        return added;
    }

    /// <summary>One more lease uses the block.</summary>
    public void Use(CachedBlock block)
    {
        if (block.References++ == 0) block.Place.List!.Remove(block.Place);
    }

    /// <summary>A lease uses these blocks no longer.</summary>
    /// <param name="path">From the first block of the prompt on.</param>
    public void Release(IReadOnlyList<CachedBlock> path, bool ofSession)
    {
        long now = time.GetTimestamp();
        for (int i = path.Count - 1; i >= 0; i--)
        {
            CachedBlock block = path[i];
            block.OfSession |= ofSession;
            if (--block.References > 0) continue;
            block.LastUse = now;
            (block.OfSession ? _sessions : _others).AddLast(block.Place);
        }
    }

    /// <summary>Takes the block out whose KV is wanted least, and gives its number. Throws when all are in use.</summary>
    public int Evict()
    {
        LinkedList<CachedBlock> from = Least();
        CachedBlock evicted = from.First?.Value ?? throw new InvalidOperationException("every cached block is in use");
        from.RemoveFirst();
        _blocks.Remove(evicted.Key);
        return evicted.Block;
    }

    private LinkedList<CachedBlock> Least()
    {
        if (_sessions.First?.Value is not { } kept) return _others;
        if (_others.First?.Value is not { } other) return _sessions;
        return kept.LastUse < other.LastUse && time.GetElapsedTime(kept.LastUse) >= sessionIdle ? _sessions : _others;
    }
}
