using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A KV cache whose "KV" is the token itself, so that a wrong slot gives a wrong context. Checks who writes and who may read.</summary>
internal sealed class FakeKvPool(int slots) : IKvPool
{
    private readonly (int Token, bool ByTarget)[] _slots = [.. Enumerable.Repeat((-1, false), slots)];
    private readonly long[] _epochs = new long[slots];
    private readonly HashSet<long> _retired = [];
    private readonly HashSet<long> _opened = [];

    public int SlotCount => slots;

    public int Retired => _retired.Count;

    /// <summary>Leases that were used and are not retired.</summary>
    public int InUse => _opened.Count;

    public void Retire(KvLease lease, ImmutableArray<int> freed)
    {
        _retired.Add(lease.Epoch);
        _opened.Remove(lease.Epoch);
        foreach (int slot in freed)
            if (_epochs[slot] <= lease.Epoch) _slots[slot] = (-1, false);
    }

    /// <summary>Opens the lease's slots for use; throws for one that is over.</summary>
    public void Open(KvLease lease)
    {
        if (_retired.Contains(lease.Epoch)) throw new StaleLeaseException($"{lease.Sequence}, epoch {lease.Epoch}, is retired");
        _opened.Add(lease.Epoch);
        for (int position = 0; position < lease.Capacity; position++)
        {
            int slot = lease.Slots[position];
            if (_epochs[slot] > lease.Epoch) throw new StaleLeaseException($"slot {slot} has a newer owner");
            if (position < lease.Cached || _epochs[slot] == lease.Epoch) continue;
            (_epochs[slot], _slots[slot]) = (lease.Epoch, (-1, false));
        }
    }

    public void Write(KvLease lease, int position, int token, bool byTarget) => _slots[Own(lease, position)] = (token, byTarget);

    public void Erase(KvLease lease, int position) => _slots[Own(lease, position)] = (-1, false);

    /// <summary>The committed tokens; all of them must have been written by the target.</summary>
    public List<int> Context(KvLease lease, int length)
    {
        List<int> tokens = new(length);
        for (int i = 0; i < length; i++)
        {
            (int token, bool byTarget) = _slots[lease.Slots[i]];
            if (token < 0 || !byTarget) throw new InvalidOperationException($"position {i} of {lease.Sequence} is not committed");
            tokens.Add(token);
        }
        return tokens;
    }

    private static int Own(KvLease lease, int position) =>
        position >= lease.Cached ? lease.Slots[position] : throw new InvalidOperationException($"{lease.Sequence} writes position {position}, which it only shares");
}
