using System.Collections.Immutable;

namespace SubSpec.Core.Kv;

/// <summary>
/// Who may use which slots of the shared KV cache. Pure bookkeeping in blocks of slots; the memory itself belongs to the compute
/// thread. Every slot is either free or in exactly one lease.
/// </summary>
public sealed class KvLedger
{
    /// <summary>Slots are given out in blocks of this many.</summary>
    public const int BlockSlots = 16;

    private readonly Stack<int> _freeBlocks = new();
    private readonly Dictionary<SequenceId, Entry> _entries = [];
    private long _epoch;

    public KvLedger(int slotCount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slotCount);
        SlotCount = slotCount / BlockSlots * BlockSlots;
        for (int block = SlotCount / BlockSlots - 1; block >= 0; block--) _freeBlocks.Push(block);
    }

    /// <summary>Slots that can be leased in all.</summary>
    public int SlotCount { get; }

    public int FreeSlots => _freeBlocks.Count * BlockSlots;

    public int Leases => _entries.Count;

    /// <summary>Positions of the sequence that are booked as committed.</summary>
    public int CommittedOf(SequenceId sequence) => _entries[sequence].Committed;

    /// <summary>A lease of at least <paramref name="slots"/> slots, or null when they are not free. Throws for a sequence that holds one.</summary>
    public KvLease? Reserve(SequenceId sequence, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        if (_entries.ContainsKey(sequence)) throw new InvalidOperationException($"{sequence} already holds a lease");
        int blocks = (slots - 1) / BlockSlots + 1;
        if (blocks > _freeBlocks.Count) return null;

        int[] taken = new int[blocks];
        for (int i = 0; i < blocks; i++) taken[i] = _freeBlocks.Pop();
        var builder = ImmutableArray.CreateBuilder<int>(blocks * BlockSlots);
        foreach (int block in taken)
            for (int i = 0; i < BlockSlots; i++) builder.Add(block * BlockSlots + i);
        var lease = new KvLease(sequence, ++_epoch, builder.MoveToImmutable());
        _entries.Add(sequence, new Entry(lease, taken));
        return lease;
    }

    /// <summary>Books that positions 0 to <paramref name="committed"/> - 1 hold target-written KV.</summary>
    public void Commit(KvLease lease, int committed)
    {
        Entry entry = Current(lease);
        if (committed < entry.Committed || committed > lease.Capacity)
            throw new InvalidOperationException($"{lease.Sequence} commits {committed} positions after {entry.Committed}, of {lease.Capacity}");
        entry.Committed = committed;
    }

    /// <summary>Gives the lease's slots back. Throws <see cref="StaleLeaseException"/> for one that is over.</summary>
    public void Release(KvLease lease)
    {
        Entry entry = Current(lease);
        _entries.Remove(lease.Sequence);
        for (int i = entry.Blocks.Length - 1; i >= 0; i--) _freeBlocks.Push(entry.Blocks[i]);
    }

    private Entry Current(KvLease lease) =>
        _entries.TryGetValue(lease.Sequence, out Entry? entry) && entry.Lease.Epoch == lease.Epoch
            ? entry
            : throw new StaleLeaseException($"the lease of {lease.Sequence}, epoch {lease.Epoch}, is over");

    private sealed class Entry(KvLease lease, int[] blocks)
    {
        public KvLease Lease => lease;

        public int[] Blocks => blocks;

        public int Committed { get; set; }
    }
}
