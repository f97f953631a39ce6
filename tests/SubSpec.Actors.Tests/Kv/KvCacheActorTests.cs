using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Kv;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Tests.Kv;

public class KvCacheActorTests : ActorTest
{
    private static readonly EngineEpoch Epoch = new(3);

    [Fact]
    public void Slots_are_reserved_refused_committed_and_given_back()
    {
        IActorRef kv = Sys.ActorOf(Props.Create(() => new KvCacheActor(Epoch, 64)));

        kv.Tell(new ReserveKv(new SequenceId(1), 40), TestActor);
        KvReserved reserved = ExpectMsg<KvReserved>();
        Assert.Equal((Epoch, 48), (reserved.Epoch, reserved.Lease.Capacity));
        kv.Tell(new ReserveKv(new SequenceId(2), 17), TestActor);
        ExpectMsg(new KvRefused(Epoch, new SequenceId(2)));
        kv.Tell(new CommitKv(reserved.Lease, 12), TestActor);
        ExpectMsg(new KvCommitted(Epoch, new SequenceId(1), 12));
        kv.Tell(new ReleaseKv(reserved.Lease), TestActor);
        ExpectMsg(new KvReleased(Epoch, new SequenceId(1), 64));
        kv.Tell(new ReserveKv(new SequenceId(2), 17), TestActor);
        ExpectMsg<KvReserved>();
    }

    [Fact]
    public void A_stale_lease_throws()
    {
        IActorRef kv = Sys.ActorOf(Props.Create(() => new KvCacheActor(Epoch, 64)));
        EventFilter.Exception<StaleLeaseException>().ExpectOne(() => kv.Tell(new CommitKv(new KvLease(new SequenceId(1), 9, [0]), 1)));
    }
}
