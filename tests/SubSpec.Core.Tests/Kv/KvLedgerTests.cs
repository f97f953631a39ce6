using SubSpec.Core.Kv;

namespace SubSpec.Core.Tests.Kv;

public class KvLedgerTests
{
    [Fact]
    public void Every_slot_is_free_or_in_exactly_one_lease_whatever_happens()
    {
        for (int seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var ledger = new KvLedger(random.Next(0, 700));
            Dictionary<SequenceId, KvLease> held = [];
            List<KvLease> over = [];
            long epoch = 0;
            for (int step = 0; step < 100; step++)
            {
                var sequence = new SequenceId(random.Next(8));
                if (random.Next(5) == 0 && over.Count > 0) AssertStale(ledger, over[random.Next(over.Count)]);
                else if (!held.TryGetValue(sequence, out KvLease? lease)) Reserve(ledger, sequence, random.Next(1, 200), held, ref epoch);
                else if (random.Next(3) > 0) CommitMore(ledger, lease, random);
                else
                {
                    ledger.Release(lease);
                    held.Remove(sequence);
                    over.Add(lease);
                }
                AssertPartition(ledger, held.Values);
            }
            foreach (KvLease lease in held.Values) ledger.Release(lease);
            Assert.Equal((ledger.SlotCount, 0), (ledger.FreeSlots, ledger.Leases));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 0)]
    [InlineData(16, 16)]
    [InlineData(100, 96)]
    public void Slots_are_leased_in_whole_blocks(int slots, int leasable)
    {
        var ledger = new KvLedger(slots);
        Assert.Equal((leasable, leasable), (ledger.SlotCount, ledger.FreeSlots));
    }

    [Fact]
    public void The_whole_pool_can_be_one_lease_and_nothing_is_left()
    {
        var ledger = new KvLedger(64);
        KvLease lease = ledger.Reserve(new(1), 64)!;
        Assert.Equal(Enumerable.Range(0, 64), lease.Slots.Order());
        Assert.Null(ledger.Reserve(new(2), 1));
        ledger.Release(lease);
        Assert.NotNull(ledger.Reserve(new(2), 1));
    }

    [Fact]
    public void More_than_there_is_is_refused_even_at_the_end_of_the_numbers()
    {
        var ledger = new KvLedger(64);
        Assert.Null(ledger.Reserve(new(1), 65));
        Assert.Null(ledger.Reserve(new(1), int.MaxValue));
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Reserve(new(1), 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new KvLedger(-1));
        Assert.Equal((64, 0), (ledger.FreeSlots, ledger.Leases));
    }

    [Fact]
    public void A_sequence_that_holds_a_lease_gets_no_second_one()
    {
        var ledger = new KvLedger(64);
        ledger.Reserve(new(1), 1);
        Assert.Throws<InvalidOperationException>(() => ledger.Reserve(new(1), 1));
        Assert.Equal(48, ledger.FreeSlots);
    }

    [Fact]
    public void Commits_only_grow_and_stay_within_the_lease()
    {
        var ledger = new KvLedger(64);
        KvLease lease = ledger.Reserve(new(1), 20)!;
        ledger.Commit(lease, 7);
        ledger.Commit(lease, 7);
        ledger.Commit(lease, 32);
        Assert.Throws<InvalidOperationException>(() => ledger.Commit(lease, 31));
        Assert.Throws<InvalidOperationException>(() => ledger.Commit(lease, 33));
        Assert.Equal(32, ledger.CommittedOf(new(1)));
    }

    private static void Reserve(KvLedger ledger, SequenceId sequence, int slots, Dictionary<SequenceId, KvLease> held, ref long epoch)
    {
        int free = ledger.FreeSlots;
        KvLease? lease = ledger.Reserve(sequence, slots);
        Assert.Equal(slots <= free, lease is not null);
        if (lease is null) return;
        Assert.Equal(sequence, lease.Sequence);
        Assert.InRange(lease.Capacity, slots, slots + KvLedger.BlockSlots - 1);
        Assert.True(lease.Epoch > epoch, "epochs ascend");
        Assert.Equal(0, ledger.CommittedOf(sequence));
        epoch = lease.Epoch;
        held.Add(sequence, lease);
    }

    private static void CommitMore(KvLedger ledger, KvLease lease, Random random)
    {
        int committed = random.Next(ledger.CommittedOf(lease.Sequence), lease.Capacity + 1);
        ledger.Commit(lease, committed);
        Assert.Equal(committed, ledger.CommittedOf(lease.Sequence));
    }

    private static void AssertStale(KvLedger ledger, KvLease lease)
    {
        Assert.Throws<StaleLeaseException>(() => ledger.Commit(lease, 1));
        Assert.Throws<StaleLeaseException>(() => ledger.Release(lease));
    }

    private static void AssertPartition(KvLedger ledger, IEnumerable<KvLease> leases)
    {
        int[] leased = [.. leases.SelectMany(l => l.Slots)];
        Assert.Equal(leased.Length, leased.Distinct().Count());
        Assert.All(leased, slot => Assert.InRange(slot, 0, ledger.SlotCount - 1));
        Assert.Equal(ledger.SlotCount, ledger.FreeSlots + leased.Length);
    }
}
