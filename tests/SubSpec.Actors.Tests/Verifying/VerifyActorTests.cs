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

namespace SubSpec.Actors.Tests.Verifying;

public class VerifyActorTests : ActorTest
{
    private static readonly EngineEpoch Epoch = new(2);
    private static readonly PassId One = new(1), Two = new(2);

    // Layers: 0 resident, 1 and 2 offloaded, 3 resident.
    private readonly FakeEngine _engine = new(new FakeEngineOptions { Layers = 4, Offloaded = [1, 2], RingSlots = 2 });
    private readonly ManualTime _time = new();
    private readonly TimelineRecorder _recorder;
    private readonly ComputeMeter _meter;
    private readonly TestProbe _draft, _stream, _scheduler;
    private readonly IActorRef _verify;

    public VerifyActorTests()
    {
        _recorder = new TimelineRecorder(_time);
        _meter = new ComputeMeter(_time, _recorder);
        (_draft, _stream, _scheduler) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        _verify = Sys.ActorOf(Props.Create(() => new VerifyActor(Epoch, _engine, _meter, _draft.Ref, _stream.Ref, _scheduler.Ref)));
    }

    [Fact]
    public void A_pass_asks_for_its_layers_waits_for_each_and_returns_each()
    {
        _engine.Target.OnLayer = (_, _) => _time.Advance(1);
        _verify.Tell(PassOf(One, new StepGrants(0, [0, 2, 3]), 1, 2));
        _stream.ExpectMsg(new StreamPass(One));
        _draft.ExpectMsg(new PassWaiting(One, 1, 2));
        _time.Advance(5);
        Ready(One, 1, 0);
        _draft.ExpectMsg(new PassRunning(One));
        _stream.ExpectMsg(new LayerConsumed(One, 1, 0));
        _draft.ExpectMsg(new PassWaiting(One, 2, 3));
        _meter.Draft(() => _time.Advance(4));
        _meter.Count(new DraftWork(Steps: 1, Rows: 3, Seconds: 4, OverlapSeconds: 2));
        _time.Advance(2);
        Ready(One, 2, 1);
        _draft.ExpectMsg(new PassRunning(One));
        _stream.ExpectMsg(new LayerConsumed(One, 2, 1));
        PassOver over = _draft.ExpectMsg<PassOver>();

        PassVerified verified = _scheduler.ExpectMsg<PassVerified>();
        Assert.Equal((Epoch, One, 2), (verified.Epoch, verified.Pass, verified.Rows.Length));
        Assert.Equal((One, verified.Rows), (over.Pass, over.Rows));
        Assert.Equal((4, 7, 2, 2003, 2), (
            verified.Figures.VerifySeconds, verified.Figures.StallSeconds, verified.Figures.LayersConsumed, verified.Figures.PayloadBytes, verified.Figures.Rows));
        // What the open round has drafted meanwhile: the totals are whole when the pass has ended.
        Assert.Equal(new DraftWork(1, 3, 4, 2), verified.Figures.Drafted);
    }

    [Fact]
    public void Layers_that_came_early_or_for_a_later_pass_are_held()
    {
        Ready(One, 2, 1);
        Ready(One, 1, 0);
        _verify.Tell(PassOf(One, StepGrants.None, 1));
        _scheduler.ExpectMsg<PassVerified>();
        Ready(Two, 1, 0);
        Ready(Two, 2, 1);
        _verify.Tell(PassOf(Two, StepGrants.None, 2));
        Assert.Equal(Two, _scheduler.ExpectMsg<PassVerified>().Pass);
        _draft.ReceiveN(2).ToList().ForEach(m => Assert.IsType<PassOver>(m));
    }

    [Fact]
    public void What_belongs_to_a_pass_that_is_over_is_dropped_and_counted()
    {
        Ready(One, 1, 0);
        Ready(One, 2, 1);
        _verify.Tell(PassOf(One, StepGrants.None, 1));
        _scheduler.ExpectMsg<PassVerified>();

        Ready(One, 2, 1);
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(LayerReady)));
        _verify.Tell(PassOf(One, StepGrants.None, 2));
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(BeginPass)));
        _verify.Tell(new NextLayer(One, 1));
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(NextLayer)));
        Assert.Single(_engine.Target.Passes);
    }

    [Fact]
    public void A_dropped_sequence_leaves_the_pass_and_the_others_go_on()
    {
        _verify.Tell(PassOf(One, StepGrants.None, 1, 2));
        _verify.Tell(new DropSequence(new SequenceId(1)));
        Ready(One, 1, 0);
        Ready(One, 2, 1);
        PassVerified verified = _scheduler.ExpectMsg<PassVerified>();
        Assert.Equal(new SequenceId(2), Assert.Single(verified.Rows).Sequence);
        Assert.Equal(1, verified.Figures.Rows);
    }

    [Fact]
    public void A_pass_without_rows_is_abandoned_at_once_and_its_layers_are_never_run()
    {
        _verify.Tell(PassOf(One, StepGrants.None, 1));
        _stream.ExpectMsg(new StreamPass(One));
        Ready(One, 1, 0);
        _stream.ExpectMsg(new LayerConsumed(One, 1, 0));
        _verify.Tell(new DropSequence(new SequenceId(1)));
        _stream.ExpectMsg(new AbortPass(One));
        Ready(One, 2, 1);
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(LayerReady)));
        _verify.Tell(new PassAborted(One));

        PassVerified verified = _scheduler.ExpectMsg<PassVerified>();
        Assert.Empty(verified.Rows);
        Assert.Equal((1, 1001, 0), (verified.Figures.LayersConsumed, verified.Figures.PayloadBytes, verified.Figures.Rows));
        Assert.Equal((1, 1), (_engine.Target.Abandoned, _engine.Target.OffloadedLayersRun));
    }

    [Fact]
    public void Every_layer_is_noted_with_the_rows_that_are_still_in()
    {
        _engine.Target.OnLayer = (_, layer) => _time.Advance(layer + 1);
        _verify.Tell(PassOf(One, StepGrants.None, 1, 2));
        _stream.ExpectMsg(new StreamPass(One));
        _draft.ExpectMsg(new PassWaiting(One, 1, 0));
        _verify.Tell(new DropSequence(new SequenceId(1)));
        Ready(One, 1, 0);
        Ready(One, 2, 1);
        PassVerified verified = _scheduler.ExpectMsg<PassVerified>();

        TimelineLog log = _recorder.Take();
        Assert.Equal([-1, 0, 1, 2, 3], log.Events.Where(e => e.Stage == Stage.Prefill).Select(e => e.Layer).Order());
        Assert.All(log.Events, e => Assert.Equal((One, e.Layer < 1 && e.Stage == Stage.Prefill ? 2 : 1), (e.Pass, e.Rows)));
        Assert.All(log.Events, e => Assert.Equal(e.Rows, e.Sequences.Length));
        Assert.Equal([2L], Assert.Single(log.Events, e => e.Stage == Stage.Accept).Sequences.Select(s => s.Value));
        Assert.Equal(verified.Figures.VerifySeconds, log.Events.Sum(e => e.Duration) / (double)log.TicksPerSecond);
    }

    [Fact]
    public void A_lease_is_retired()
    {
        KvLease lease = Lease(1);
        _verify.Tell(new RetireKv(lease, lease.Slots));
        AwaitAssert(() => Assert.Equal(1, _engine.Kv.Retired), Patience);
    }

    private static KvLease Lease(long sequence) => new(new SequenceId(sequence), sequence, [.. Enumerable.Range((int)sequence * 16, 16)]);

    private static BeginPass PassOf(PassId pass, StepGrants grants, params long[] sequences)
    {
        PassRows[] rows = [.. sequences.Select(s => new PassRows(
            new SequenceId(s), Lease(s), 0, TokenTree.Chain([5]), RowsKind.LastPrefill, SamplingOptions.Greedy, TokenHistory.Empty))];
        return new BeginPass(new PassPlan(pass, [.. rows]), grants);
    }

    private void Ready(PassId pass, int layer, int slot)
    {
        _engine.Link.BeginRead(layer, slot, _ => { });
        _verify.Tell(new LayerReady(pass, layer, slot));
    }
}
