using Akka.Actor;
using Akka.TestKit;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Hosting;
using SubSpec.Actors.Streaming;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Actors.Verifying;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Service;

/// <summary>Draft and verify together on the compute thread, with the link in the test's hand.</summary>
public class GrantTests : ServiceTest
{
    private static readonly EngineEpoch Epoch = new(1);

    [Fact]
    public async Task As_many_steps_as_granted_run_before_the_layer_that_is_held_back_and_the_rest_after_the_pass()
    {
        var engine = new FakeEngine(new FakeEngineOptions { Layers = 4, Offloaded = [0, 1, 2, 3], RingSlots = 4 });
        engine.Link.Hold((_, _) => true);
        TestProbe scheduler = CreateTestProbe();
        var meter = new ComputeMeter(TimeProvider.System);
        IActorRef stream = Sys.ActorOf(Props.Create(() => new WeightStreamActor(Epoch, engine.Link, ITimeline.Off, TestActor, scheduler.Ref)).WithDispatcher(Dispatchers.Stream));
        IActorRef draft = Sys.ActorOf(Props.Create(() => new DraftActor(Epoch, engine.Draft, engine.Link, meter, scheduler.Ref)).WithDispatcher(Dispatchers.Compute));
        IActorRef verify = Sys.ActorOf(Props.Create(() => new VerifyActor(Epoch, engine, meter, draft, stream, scheduler.Ref)).WithDispatcher(Dispatchers.Compute));
        stream.Tell(new ConnectVerify(verify));
        KvLease one = Lease(1), two = Lease(2);
        var rows = new PassRows(one.Sequence, one, 0, TokenTree.Chain([5]), RowsKind.LastPrefill, SamplingOptions.Greedy, TokenHistory.Empty);
        var seed = new DraftSeed(two.Sequence, two, 0, 5, new DraftShape(9, 1, 0, 10), SamplingOptions.Greedy, TokenHistory.Empty);

        draft.Tell(new Draft(new DraftPlan(new RoundId(1), [seed]), new StepGrants(0, [0, 0, 3])));
        verify.Tell(new BeginPass(new PassPlan(new PassId(1), [rows]), new StepGrants(0, [1, 0, 2, 0])));
        await engine.Link.Reads(4);
        List<int> before = [];
        for (int layer = 0; layer < 4; layer++)
        {
            before.Add(await Settled());
            engine.Link.Release(layer);
        }

        Assert.Equal([1, 1, 4, 4], before);
        Assert.Equal(new PassId(1), scheduler.ExpectMsg<PassVerified>().Pass);
        TreesDrafted drafted = scheduler.ExpectMsg<TreesDrafted>();
        Assert.Equal((9, 9), (drafted.Figures.Steps.Length, Assert.Single(drafted.Trees).Tree.Depth));

        // Round trips to all, more than there can be steps, show that none has anything left to do.
        async Task<int> Settled()
        {
            for (int i = 0; i < 12; i++)
            {
                await stream.Ask<ActorIdentity>(new Identify(i), Limit);
                await verify.Ask<ActorIdentity>(new Identify(i), Limit);
                await draft.Ask<ActorIdentity>(new Identify(i), Limit);
            }
            return engine.Draft.Steps;
        }
    }

    private static KvLease Lease(long sequence) => new(new SequenceId(sequence), sequence, [.. Enumerable.Range((int)sequence * 16, 16)]);
}
