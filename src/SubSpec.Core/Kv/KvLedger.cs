using System.Collections.Immutable;

namespace SubSpec.Core.Kv;

/// <summary>
/// Who may use which slots of the shared KV cache. Pure bookkeeping in blocks of slots; the memory itself belongs to the compute
/// thread. A block is free, or one lease's own, or in the prefix cache: there go whole blocks of committed tokens, to be shared by all
/// leases that begin with the same tokens under the same scope, and to be evicted when nobody uses them and slots are wanted.
/// </summary>
public sealed class KvLedger
{
    /// <summary>Slots are given out in blocks of this many.</summary>
    public const int BlockSlots = 16;

    /// <summary>How long a session's KV stays ahead of other KV unless said otherwise.</summary>
    public static readonly TimeSpan DefaultSessionIdle = TimeSpan.FromMinutes(10);

    private readonly Stack<int> _freeBlocks = new();
    private readonly PrefixCache _cache;
    private readonly Dictionary<SequenceId, Entry> _entries = [];
    private long _epoch;

    /// <param name="sessionIdle">How long a session's KV stays ahead of other KV after its last use.</param>
    public KvLedger(int slotCount, TimeSpan sessionIdle, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slotCount);
        SlotCount = slotCount / BlockSlots * BlockSlots;
        for (int block = SlotCount / BlockSlots - 1; block >= 0; block--) _freeBlocks.Push(block);
        _cache = new PrefixCache(sessionIdle, time);
    }

    public KvLedger(int slotCount)
        : this(slotCount, DefaultSessionIdle, TimeProvider.System)
    {
    }

    /// <summary>Slots that can be leased in all.</summary>
    public int SlotCount { get; }

    public int Leases => _entries.Count;

    public KvBalance Balance
    {
        get
        {
            (int free, int cached) = (_freeBlocks.Count * BlockSlots, _cache.Unused * BlockSlots);
            return new KvBalance(free, cached, SlotCount - free - cached, _cache.Used * BlockSlots + _entries.Values.Sum(e => e.Tail.Count));
        }
    }

    /// <summary>Positions of the sequence that are booked as committed, shared ones included.</summary>
    public int CommittedOf(SequenceId sequence) => _entries[sequence].Committed;

    /// <summary>
    /// A lease of at least <paramref name="slots"/> slots; null when leases have too many of them. Whole blocks of the prefix that are
    /// cached come with it, but never that of its last token: a row has to go through the model to say what follows. Throws for a
    /// sequence that holds a lease.
    /// </summary>
    public KvLease? Reserve(SequenceId sequence, int slots, KvPrefix? prefix = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        if (_entries.ContainsKey(sequence)) throw new InvalidOperationException($"{sequence} already holds a lease");
        prefix ??= KvPrefix.None;
        int blocks = (slots - 1) / BlockSlots + 1;
        List<CachedBlock> shared = Find(prefix, blocks - 1);
        int own = blocks - shared.Count;
        if (own > _freeBlocks.Count + _cache.Unused - shared.Count(b => b.References == 0)) return null;

        foreach (CachedBlock block in shared) _cache.Use(block);
        int[] taken = new int[own];
        for (int i = 0; i < own; i++) taken[i] = _freeBlocks.TryPop(out int free) ? free : _cache.Evict();
        var lease = new KvLease(sequence, ++_epoch, Slots([.. shared.Select(b => b.Block), .. taken])) { Cached = shared.Count * BlockSlots };
        _entries.Add(sequence, new Entry(lease, prefix, shared, taken));
        return lease;
    }

    /// <summary>Books that the next positions hold the target-written KV of these tokens. Blocks that they fill can be shared from now on.</summary>
    public void Commit(KvLease lease, ReadOnlySpan<int> tokens)
    {
        Entry entry = Current(lease);
        if (entry.Committed + tokens.Length > lease.Capacity)
            throw new InvalidOperationException($"{lease.Sequence} commits {tokens.Length} positions after {entry.Committed}, of {lease.Capacity}");
        foreach (int token in tokens)
        {
            entry.Tail.Add(token);
            if (entry.Tail.Count == BlockSlots) Share(entry);
        }
    }

    /// <summary>
    /// Ends a lease. Gives the slots that hold nothing any more: those that it had for itself and that the cache does not keep. Throws
    /// <see cref="StaleLeaseException"/> for a lease that is over.
    /// </summary>
    public ImmutableArray<int> Release(KvLease lease)
    {
        Entry entry = Current(lease);
        _entries.Remove(lease.Sequence);
        _cache.Release(entry.Path, entry.OfSession);
        int[] freed = [.. entry.Own.OrderDescending()];
        foreach (int block in freed) _freeBlocks.Push(block);
        return Slots(freed);
    }

    private List<CachedBlock> Find(KvPrefix prefix, int most)
    {
        List<CachedBlock> found = [];
        for (int end = BlockSlots; end < prefix.Tokens.Length && found.Count < most; end += BlockSlots)
        {
            if (_cache.Find(found.LastOrDefault(), prefix.Scope, prefix.Tokens.AsSpan()[(end - BlockSlots)..end]) is not { } block) break;
            found.Add(block);
        }
        return found;
    }

    // Puts the block that is full now into the cache. Where another lease was sooner, the block stays this one's own, and what it
    // commits next is put behind the other's.
    private void Share(Entry entry)
    {
        ReadOnlySpan<int> tokens = [.. entry.Tail];
        CachedBlock? parent = entry.Path.LastOrDefault(), block = _cache.Find(parent, entry.Scope, tokens);
        if (block is not null) _cache.Use(block);
        else
        {
            int own = entry.Lease.Slots[entry.Path.Count * BlockSlots] / BlockSlots;
            entry.Own.Remove(own);
            block = _cache.Add(parent, entry.Scope, tokens, own);
        }
        entry.Path.Add(block);
        entry.Tail.Clear();
    }

    private static ImmutableArray<int> Slots(ReadOnlySpan<int> blocks)
    {
        var slots = ImmutableArray.CreateBuilder<int>(blocks.Length * BlockSlots);
        foreach (int block in blocks)
            for (int i = 0; i < BlockSlots; i++) slots.Add(block * BlockSlots + i);
        return slots.MoveToImmutable();
    }

    private Entry Current(KvLease lease) =>
        _entries.TryGetValue(lease.Sequence, out Entry? entry) && entry.Lease.Epoch == lease.Epoch
            ? entry
            : throw new StaleLeaseException($"the lease of {lease.Sequence}, epoch {lease.Epoch}, is over");

    private sealed class Entry(KvLease lease, KvPrefix prefix, List<CachedBlock> path, IEnumerable<int> own)
    {
        public KvLease Lease => lease;

        public string Scope => prefix.Scope;

        public bool OfSession => prefix.OfSession;

        /// <summary>The cached blocks that hold its committed tokens, in order. Most of them are the lease's; a twin's may be among them.</summary>
        public List<CachedBlock> Path => path;

        /// <summary>Blocks that only this lease uses.</summary>
        public HashSet<int> Own { get; } = [.. own];

        /// <summary>Committed tokens that fill no block yet.</summary>
        public List<int> Tail { get; } = [];

        public int Committed => path.Count * BlockSlots + Tail.Count;
    }
}
