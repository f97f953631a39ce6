using Akka.Actor;
using Akka.TestKit;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
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

/// <summary>Verify and stream together, with an ear on the line between them.</summary>
public class TransferTests : ServiceTest
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(9)]
    public void A_pass_of_L_offloaded_layers_is_exactly_L_layers_ready_and_L_consumed(int ringSlots)
    {
        var engine = new FakeEngine(new FakeEngineOptions { RingSlots = ringSlots });
        TestProbe toVerify = CreateTestProbe(), toStream = CreateTestProbe(), scheduler = CreateTestProbe();
        IActorRef stream = Sys.ActorOf(Props.Create(() => new WeightStreamActor(new EngineEpoch(1), engine.Link, ITimeline.Off, TestActor, scheduler.Ref)));
        IActorRef tappedStream = Sys.ActorOf(Props.Create(() => new Tap(stream, toStream.Ref)));
        var meter = new ComputeMeter(TimeProvider.System);
        IActorRef draft = Sys.ActorOf(Props.Create(() => new DraftActor(new EngineEpoch(1), engine.Draft, engine.Link, meter, scheduler.Ref)));
        IActorRef verify = Sys.ActorOf(
            Props.Create(() => new VerifyActor(new EngineEpoch(1), engine, meter, draft, tappedStream, scheduler.Ref)));
        stream.Tell(new ConnectVerify(Sys.ActorOf(Props.Create(() => new Tap(verify, toVerify.Ref)))));

        for (int pass = 1; pass <= 2; pass++)
        {
            var rows = new PassRows(
                new SequenceId(pass), new KvLease(new SequenceId(pass), pass, [.. Enumerable.Range(pass * 16, 16)]), 0, TokenTree.Chain([5, 6]), RowsKind.LastPrefill, SamplingOptions.Greedy, TokenHistory.Empty);
            verify.Tell(new BeginPass(new PassPlan(new PassId(pass), [rows]), StepGrants.None));

            PassVerified verified = scheduler.ExpectMsg<PassVerified>();
            Assert.Equal((4, 4012L), (verified.Figures.LayersConsumed, verified.Figures.PayloadBytes));
            Assert.Equal([1, 2, 4, 5], toVerify.ReceiveN(4).Cast<LayerReady>().Select(m => m.Layer));
            object[] said = [.. toStream.ReceiveN(5)];
            Assert.Equal(new StreamPass(new PassId(pass)), said[0]);
            Assert.Equal([1, 2, 4, 5], said[1..].Cast<LayerConsumed>().Select(m => m.Layer));
            toVerify.ExpectNoMsg(TimeSpan.Zero);
            toStream.ExpectNoMsg(TimeSpan.Zero);
        }
        Assert.Equal(8, engine.Link.Begun.Length);
    }

    private sealed class Tap(IActorRef target, IActorRef ear) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            ear.Tell(message);
            target.Forward(message);
        }
    }
}
