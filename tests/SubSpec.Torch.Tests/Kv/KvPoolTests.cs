using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Tests.Kv;

public sealed unsafe class KvPoolTests : IDisposable
{
    private const int Slots = 96, Layers = 2;
    private const ushort NaN = 0x7FC0;

    private readonly KvPool _pool = new(Layers, Slots, kvHeads: 1, headDim: 4, poison: true);
    private readonly KvLedger _ledger = new(Slots);

    public KvPoolTests() => _pool.PoisonAll();

    public void Dispose() => _pool.Dispose();

    [Fact]
    public void What_the_cache_keeps_is_there_for_the_next_lease_and_everything_else_is_nan()
    {
        KvLease first = Lease(1, 48, []);
        Write(first, 0, 40);
        _pool.Retire(first, _ledger.Release(first));
        Assert.Equal(32, Enumerable.Range(0, Slots).Count(slot => !IsNaN(slot)));

        KvLease second = Lease(2, 64, Tokens(40));
        _pool.Open(second);

        Assert.Equal(32, second.Cached);
        _pool.CheckContext(second, 32);
        for (int i = 0; i < 32; i++) Assert.True(Holds(second.Slots[i], i));
        Assert.Throws<InvalidOperationException>(() => _pool.CheckContext(second, 33));
        Assert.All(second.Slots.Skip(32), slot => Assert.True(IsNaN(slot)));
    }

    [Fact]
    public void A_lease_is_refused_once_it_is_retired_even_where_the_cache_keeps_all_that_it_wrote()
    {
        KvLease lease = Lease(1, 32, []);
        Write(lease, 0, 32);
        ImmutableArray<int> freed = _ledger.Release(lease);
        _pool.Retire(lease, freed);

        Assert.Empty(freed);
        Assert.Throws<StaleLeaseException>(() => _pool.Open(lease));
        Assert.All(lease.Slots, slot => Assert.False(IsNaN(slot)));
    }

    [Fact]
    public void A_lease_that_was_never_used_is_refused_once_it_is_retired()
    {
        KvLease lease = Lease(1, 32, []);
        _pool.Retire(lease, _ledger.Release(lease));
        Assert.Throws<StaleLeaseException>(() => _pool.Open(lease));
    }

    [Fact]
    public void A_lease_that_ends_late_leaves_its_successor_s_slots_alone()
    {
        KvLease old = Lease(1, Slots, []);
        Write(old, 0, 8);
        ImmutableArray<int> freed = _ledger.Release(old);
        KvLease next = Lease(2, Slots, []);
        Write(next, 0, 20);

        _pool.Retire(old, freed);

        _pool.CheckContext(next, 20);
        for (int i = 0; i < 20; i++) Assert.True(Holds(next.Slots[i], i));
        Assert.Throws<StaleLeaseException>(() => _pool.Open(old));
    }

    [Fact]
    public void An_evicted_block_is_nan_for_whoever_gets_its_slots()
    {
        KvLease first = Lease(1, Slots, []);
        Write(first, 0, Slots);
        _pool.Retire(first, _ledger.Release(first));

        KvLease all = Lease(2, Slots, []);
        _pool.Open(all);

        Assert.All(all.Slots, slot => Assert.True(IsNaN(slot)));
        Assert.Throws<InvalidOperationException>(() => _pool.CheckContext(all, 1));
    }

    [Fact]
    public void Whatever_happens_a_slot_that_nobody_has_is_cached_or_nan()
    {
        var random = new Random(3);
        Dictionary<int, (KvLease Lease, int Committed)> leases = [];
        for (int step = 0; step < 3000; step++)
        {
            int id = random.Next(5);
            if (!leases.TryGetValue(id, out (KvLease Lease, int Committed) held))
            {
                int prompt = random.Next(1, 60);
                if (_ledger.Reserve(new SequenceId(id), prompt + random.Next(1, 20), new KvPrefix([.. Tokens(prompt)], $"{random.Next(2)}")) is not { } lease) continue;
                if (random.Next(4) > 0) _pool.Open(lease);
                leases.Add(id, (lease, lease.Cached));
            }
            else if (random.Next(3) > 0)
            {
                int count = random.Next(held.Lease.Capacity - held.Committed + 1);
                Write(held.Lease, held.Committed, count);
                leases[id] = (held.Lease, held.Committed + count);
            }
            else
            {
                leases.Remove(id);
                _pool.Retire(held.Lease, _ledger.Release(held.Lease));
            }
            foreach ((KvLease lease, int committed) in leases.Values)
            {
                _pool.CheckContext(lease, committed);
                for (int i = 0; i < committed; i++) Assert.True(Holds(lease.Slots[i], i));
            }
        }
        foreach ((KvLease lease, _) in leases.Values) _pool.Retire(lease, _ledger.Release(lease));
        Assert.InRange(_ledger.Balance.Cached, 1, Slots);
        Assert.Equal(_ledger.Balance.Cached, Enumerable.Range(0, Slots).Count(slot => !IsNaN(slot)));
    }

    private KvLease Lease(int sequence, int slots, int[] prompt) => _ledger.Reserve(new SequenceId(sequence), slots, new KvPrefix([.. prompt]))!;

    /// <summary>What a pass does: writes positions in all layers, marks them, and has them committed.</summary>
    private void Write(KvLease lease, int from, int count)
    {
        _pool.Open(lease);
        for (int position = from; position < from + count; position++)
        {
            for (int layer = 0; layer < Layers; layer++)
            {
                Row(_pool.Keys(layer), lease.Slots[position]).Fill((ushort)position);
                Row(_pool.Values(layer), lease.Slots[position]).Fill((ushort)position);
            }
            _pool.Mark(lease.Slots[position], position, KvWriter.Target);
        }
        _ledger.Commit(lease, [.. Tokens(from + count)[from..]]);
    }

    private bool Holds(int slot, int position) => All(slot, (ushort)position);

    private bool IsNaN(int slot) => All(slot, NaN);

    private bool All(int slot, ushort value)
    {
        for (int layer = 0; layer < Layers; layer++)
            if (Row(_pool.Keys(layer), slot).ContainsAnyExcept(value) || Row(_pool.Values(layer), slot).ContainsAnyExcept(value)) return false;
        return true;
    }

    private Span<ushort> Row(ushort* rows, int slot) => new(rows + (long)slot * _pool.RowElements, _pool.RowElements);

    private static int[] Tokens(int count) => [.. Enumerable.Range(0, count)];
}
