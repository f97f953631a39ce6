using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Kv;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Tests.Kv;

public class KvCacheActorTests : ActorTest
{
    private static readonly EngineEpoch Epoch = new(4);
    private readonly ManualTime _time = new();

    [Fact]
    public void Slots_are_reserved_committed_refused_and_released_and_every_reply_says_what_is_left()
    {
        IActorRef kv = Ledger();

        kv.Tell(new ReserveKv(new SequenceId(1), 40, KvPrefix.None), TestActor);
        KvReserved reserved = ExpectMsg<KvReserved>();
        Assert.Equal((Epoch, 48, new KvBalance(16, 0, 48, 0)), (reserved.Epoch, reserved.Lease.Capacity, reserved.Balance));
        kv.Tell(new ReserveKv(new SequenceId(2), 17, KvPrefix.None), TestActor);
        ExpectMsg(new KvRefused(Epoch, new SequenceId(2)));
        kv.Tell(new CommitKv(reserved.Lease, Tokens(20)), TestActor);
        ExpectMsg(new KvCommitted(Epoch, new SequenceId(1), new KvBalance(16, 0, 48, 20)));
        kv.Tell(new ReleaseKv(reserved.Lease), TestActor);
        KvReleased released = ExpectMsg<KvReleased>();
        Assert.Equal((reserved.Lease, new KvBalance(48, 16, 0, 0)), (released.Lease, released.Balance));
        Assert.Equal(reserved.Lease.Slots[16..].Order(), released.Freed.Order());
        kv.Tell(new ReserveKv(new SequenceId(2), 17, new KvPrefix(Tokens(17))), TestActor);
        Assert.Equal(16, ExpectMsg<KvReserved>().Lease.Cached);
    }

    [Theory]
    [InlineData(58, "alice")]
    [InlineData(60, "bob")]
    public void A_session_s_kv_outlives_that_of_others_until_it_has_been_idle_for_too_long(double seconds, string kept)
    {
        IActorRef kv = Ledger();
        Speak(kv, new KvPrefix([], "alice", OfSession: true));
        _time.Advance(1);
        Speak(kv, new KvPrefix([], "bob"));
        _time.Advance(seconds);

        kv.Tell(new ReserveKv(new SequenceId(1), 32, KvPrefix.None), TestActor);

        Assert.Equal(new KvBalance(0, 32, 32, 0), ExpectMsg<KvReserved>().Balance);
        kv.Tell(new ReserveKv(new SequenceId(2), 32, new KvPrefix(Tokens(32), kept)), TestActor);
        Assert.Equal(16, ExpectMsg<KvReserved>().Lease.Cached);
    }

    [Fact]
    public void A_stale_lease_throws()
    {
        IActorRef kv = Ledger();
        EventFilter.Exception<StaleLeaseException>().ExpectOne(() => kv.Tell(new CommitKv(new KvLease(new SequenceId(1), 9, [0]), [5])));
    }

    private IActorRef Ledger() => Sys.ActorOf(Props.Create(() => new KvCacheActor(Epoch, 64, TimeSpan.FromSeconds(60), _time)));

    /// <summary>A sequence that commits 32 tokens and ends.</summary>
    private void Speak(IActorRef kv, KvPrefix prefix)
    {
        kv.Tell(new ReserveKv(new SequenceId(9), 32, prefix), TestActor);
        KvLease lease = ExpectMsg<KvReserved>().Lease;
        kv.Tell(new CommitKv(lease, Tokens(32)), TestActor);
        ExpectMsg<KvCommitted>();
        kv.Tell(new ReleaseKv(lease), TestActor);
        ExpectMsg<KvReleased>();
    }

    private static ImmutableArray<int> Tokens(int count) => [.. Enumerable.Range(0, count)];
}
