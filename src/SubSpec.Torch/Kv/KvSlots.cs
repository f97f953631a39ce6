using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;

namespace SubSpec.Torch.Kv;

/// <summary>Who wrote the KV of a slot last.</summary>
internal enum KvWriter : byte
{
    None,
    Draft,
    Target,
}

/// <summary>
/// The slots of the one shared KV cache, whatever memory they lie in. Every slot carries (epoch, position, writer), checked whenever a round begins: a
/// lease that is over, or a context that the target has not written, throws before memory is touched. With <paramref name="poison"/> free and
/// rejected slots hold NaN, so that reading one shows in the output.
/// </summary>
internal abstract class KvSlots(int slots, bool poison) : IKvPool
{
    private readonly long[] _epochs = new long[slots];
    private readonly int[] _positions = new int[slots];
    private readonly KvWriter[] _writers = new KvWriter[slots];
    private readonly HashSet<long> _opened = [];
    private readonly bool _poisoned = poison;

    public int SlotCount => slots;

    /// <summary>Fills the whole pool with NaN; called once before use when slots are poisoned.</summary>
    public void PoisonAll()
    {
        if (!_poisoned) return;
        for (int slot = 0; slot < slots; slot++) Free(slot);
    }

    /// <summary>
    /// Checks a lease; at its first use takes its slots over from older epochs, but for the cached ones, which keep what they hold.
    /// Throws <see cref="StaleLeaseException"/> for a lease that is retired and where a newer one owns a slot.
    /// </summary>
    public void Open(KvLease lease)
    {
        foreach (int slot in lease.Slots)
            if (_epochs[slot] > lease.Epoch)
                throw new StaleLeaseException($"slot {slot} of {lease.Sequence} belongs to epoch {_epochs[slot]}, the lease is of epoch {lease.Epoch}");
        if (_opened.Contains(lease.Epoch)) return;
        ReadOnlySpan<int> own = lease.Slots.AsSpan()[lease.Cached..];
        foreach (int slot in own)
            if (_epochs[slot] == lease.Epoch) throw new StaleLeaseException($"the lease of {lease.Sequence}, epoch {lease.Epoch}, is retired");
        _opened.Add(lease.Epoch);
        foreach (int slot in own)
        {
            _epochs[slot] = lease.Epoch;
            Free(slot);
        }
    }

    /// <summary>Asserts that the target has written the first <paramref name="context"/> positions of the lease.</summary>
    public void CheckContext(KvLease lease, int context)
    {
        for (int position = 0; position < context; position++)
        {
            int slot = lease.Slots[position];
            if (_writers[slot] != KvWriter.Target || _positions[slot] != position)
                throw new InvalidOperationException($"{lease.Sequence}: position {position} is held by slot {slot}, written by {_writers[slot]} for position {_positions[slot]}");
        }
    }

    /// <summary>Records that all layers of a slot now hold this position.</summary>
    public void Mark(int slot, int position, KvWriter writer) => (_positions[slot], _writers[slot]) = (position, writer);

    /// <summary>The slot holds nothing any more.</summary>
    public void Free(int slot)
    {
        Mark(slot, -1, KvWriter.None);
        if (_poisoned) Poison(slot);
    }

    /// <summary>Copies a slot to the slot of its position, in all layers.</summary>
    public void Move(int from, int to, int position, KvWriter writer)
    {
        if (from == to)
        {
            Mark(to, position, writer);
            return;
        }
        Copy(from, to);
        Mark(to, position, writer);
    }

    public void Retire(KvLease lease, ImmutableArray<int> freed)
    {
        _opened.Remove(lease.Epoch);
        foreach (int slot in freed)
        {
            if (_epochs[slot] > lease.Epoch) continue;
            _epochs[slot] = lease.Epoch;
            Free(slot);
        }
    }

    /// <summary>Fills a slot with NaN in all layers.</summary>
    protected abstract void Poison(int slot);

    /// <summary>Copies a slot to another in all layers.</summary>
    protected abstract void Copy(int from, int to);
}
