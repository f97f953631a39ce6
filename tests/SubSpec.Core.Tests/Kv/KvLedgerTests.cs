using SubSpec.Core.Kv;

namespace SubSpec.Core.Tests.Kv;

public class KvLedgerTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(15, 0)]
    [InlineData(16, 16)]
    [InlineData(100, 96)]
    public void Slots_are_leased_in_whole_blocks(int slots, int leasable)
    {
        var ledger = new KvLedger(slots);
        Assert.Equal((leasable, leasable), (ledger.SlotCount, ledger.Balance.Free));
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
        Assert.Equal((64, 0), (ledger.Balance.Free, ledger.Leases));
    }

    [Fact]
    public void A_sequence_that_holds_a_lease_gets_no_second_one()
    {
        var ledger = new KvLedger(64);
        ledger.Reserve(new(1), 1);
        Assert.Throws<InvalidOperationException>(() => ledger.Reserve(new(1), 1));
        Assert.Equal(48, ledger.Balance.Free);
    }

    [Fact]
    public void Commits_go_on_where_the_last_one_ended_and_stay_within_the_lease()
    {
        var ledger = new KvLedger(64);
        KvLease lease = ledger.Reserve(new(1), 20)!;
        ledger.Commit(lease, Tokens(7));
        ledger.Commit(lease, []);
        ledger.Commit(lease, Tokens(25));
        Assert.Throws<InvalidOperationException>(() => ledger.Commit(lease, [1]));
        Assert.Equal(32, ledger.CommittedOf(new(1)));
    }

    [Fact]
    public void A_lease_that_is_over_throws_and_changes_nothing()
    {
        var ledger = new KvLedger(64);
        KvLease old = ledger.Reserve(new(1), 20)!;
        ledger.Release(old);
        KvLease next = ledger.Reserve(new(1), 20)!;
        Assert.Throws<StaleLeaseException>(() => ledger.Commit(old, [1]));
        Assert.Throws<StaleLeaseException>(() => ledger.Release(old));
        Assert.True(next.Epoch > old.Epoch);
        Assert.Equal(new KvBalance(32, 0, 32, 0), ledger.Balance);
    }

    private static int[] Tokens(int count) => [.. Enumerable.Range(0, count)];
}
