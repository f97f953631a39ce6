using System.Collections.Immutable;
using SubSpec.Core.Kv;

namespace SubSpec.Core.Tests.Kv;

public class PrefixCacheTests
{
    [Fact]
    public void A_prompt_that_begins_as_another_sequence_did_shares_its_whole_blocks_while_that_one_runs_and_after()
    {
        var ledger = new KvLedger(160);
        KvLease first = Speak(ledger, 1, 40);
        KvLease second = ledger.Reserve(new(2), 48, Prefix(36))!;

        Assert.Equal(32, second.Cached);
        Assert.Equal(first.Slots[..32].AsEnumerable(), second.Slots[..32]);
        Assert.Empty(first.Slots[32..].Intersect(second.Slots));
        Assert.Equal(new KvBalance(96, 0, 64, 40), ledger.Balance);
        Assert.Equal(first.Slots[32..].Order(), ledger.Release(first).Order());
        Assert.Equal(new KvBalance(112, 0, 48, 32), ledger.Balance);
        Assert.Equal(second.Slots[32..].Order(), ledger.Release(second).Order());
        Assert.Equal(new KvBalance(128, 32, 0, 0), ledger.Balance);
    }

    [Theory]
    [InlineData(15, 0)]
    [InlineData(16, 0)]
    [InlineData(17, 16)]
    [InlineData(32, 16)]
    [InlineData(33, 32)]
    [InlineData(100, 32)]
    public void The_last_token_of_a_prompt_is_never_cached(int prompt, int cached)
    {
        var ledger = new KvLedger(320);
        ledger.Release(Speak(ledger, 1, 40));
        Assert.Equal(cached, ledger.Reserve(new(2), 128, Prefix(prompt))!.Cached);
    }

    [Fact]
    public void Other_tokens_and_other_scopes_share_nothing()
    {
        var ledger = new KvLedger(320);
        ledger.Release(Speak(ledger, 1, 40));
        Assert.Equal(0, ledger.Reserve(new(2), 48, Prefix(40) with { Scope = "another" })!.Cached);
        Assert.Equal(0, ledger.Reserve(new(3), 48, new KvPrefix([99, .. Tokens(40)[1..]]))!.Cached);
        Assert.Equal(16, ledger.Reserve(new(4), 48, new KvPrefix([.. Tokens(40)[..16], 99, .. Tokens(40)[17..]]))!.Cached);
    }

    [Fact]
    public void The_same_tokens_after_others_are_not_the_same_kv()
    {
        var ledger = new KvLedger(320);
        ImmutableArray<int> block = Tokens(16), other = [.. block.Select(t => t + 50)];
        KvLease lease = ledger.Reserve(new(1), 48)!;
        ledger.Commit(lease, [.. other, .. block]);
        ledger.Release(lease);

        Assert.Equal(0, ledger.Reserve(new(2), 48, new KvPrefix([.. block, 1]))!.Cached);
        Assert.Equal(32, ledger.Reserve(new(3), 48, new KvPrefix([.. other, .. block, 1]))!.Cached);
    }

    [Fact]
    public void What_nobody_uses_is_evicted_before_anyone_is_refused_the_end_before_the_beginning()
    {
        var ledger = new KvLedger(64);
        ledger.Release(Speak(ledger, 1, 48));
        KvLease big = ledger.Reserve(new(2), 32)!;
        Assert.Equal(new KvBalance(0, 32, 32, 0), ledger.Balance);
        ledger.Release(big);
        KvLease all = ledger.Reserve(new(3), 64, Prefix(60))!;
        Assert.Equal(32, all.Cached);
        Assert.Null(ledger.Reserve(new(4), 1));
        ledger.Release(all);
        Assert.Equal(64, ledger.Reserve(new(4), 64)!.Capacity);
        Assert.Equal(new KvBalance(0, 0, 64, 0), ledger.Balance);
    }

    [Fact]
    public void What_a_lease_shares_is_not_evicted_for_it()
    {
        var ledger = new KvLedger(64);
        ledger.Release(Speak(ledger, 1, 32));
        ledger.Release(Speak(ledger, 2, 32, "another"));

        KvLease lease = ledger.Reserve(new(3), 64, Prefix(64))!;

        Assert.Equal((32, 64), (lease.Cached, lease.Slots.Distinct().Count()));
    }

    [Fact]
    public void A_refused_reservation_leaves_everything_as_it_was()
    {
        var ledger = new KvLedger(64);
        ledger.Release(Speak(ledger, 1, 32));
        KvLease other = ledger.Reserve(new(2), 16)!;

        Assert.Null(ledger.Reserve(new(3), 64, Prefix(64)));

        Assert.Equal(new KvBalance(16, 32, 16, 0), ledger.Balance);
        ledger.Release(other);
        Assert.Equal(32, ledger.Reserve(new(3), 64, Prefix(64))!.Cached);
    }

    [Fact]
    public void Two_that_say_the_same_at_once_keep_their_own_slots_and_one_of_each_block_is_cached()
    {
        var ledger = new KvLedger(128);
        KvLease first = ledger.Reserve(new(1), 48)!, twin = ledger.Reserve(new(2), 48)!;
        ledger.Commit(first, Tokens(32).AsSpan());
        ledger.Commit(twin, Tokens(48).AsSpan());
        Assert.Equal(48, ledger.Balance.Committed);
        ledger.Release(first);
        Assert.Equal(twin.Slots[..32].Order(), ledger.Release(twin).Order());

        Assert.Equal(new KvBalance(80, 48, 0, 0), ledger.Balance);
        KvLease third = ledger.Reserve(new(3), 64, Prefix(64))!;
        Assert.Equal([.. first.Slots[..32], .. twin.Slots[32..48]], third.Slots[..48].AsEnumerable());
    }

    private static KvLease Speak(KvLedger ledger, int sequence, int tokens, string scope = "")
    {
        KvLease lease = ledger.Reserve(new(sequence), tokens, new KvPrefix([], scope))!;
        ledger.Commit(lease, Tokens(tokens).AsSpan());
        return lease;
    }

    private static KvPrefix Prefix(int tokens) => new(Tokens(tokens));

    private static ImmutableArray<int> Tokens(int count) => [.. Enumerable.Range(0, count)];
}
