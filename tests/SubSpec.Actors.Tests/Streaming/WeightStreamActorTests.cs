using Akka.Actor;
using Akka.TestKit;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Streaming;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Tests.Streaming;

public class WeightStreamActorTests : ActorTest
{
    private static readonly EngineEpoch Epoch = new(1);
    private static readonly PassId One = new(1), Two = new(2);
    private readonly FakeLink _link = new(2, [0, 1, 2]);
    private readonly ManualTime _time = new();
    private readonly TimelineRecorder _recorder;
    private readonly TestProbe _verify, _engine, _scheduler;
    private readonly IActorRef _stream;

    public WeightStreamActorTests()
    {
        _recorder = new TimelineRecorder(_time);
        (_verify, _engine, _scheduler) = (CreateTestProbe(), CreateTestProbe(), CreateTestProbe());
        _stream = Sys.ActorOf(Props.Create(() => new WeightStreamActor(Epoch, _link, _recorder, _engine.Ref, _scheduler.Ref)));
        _stream.Tell(new ConnectVerify(_verify.Ref));
    }

    [Fact]
    public void The_ring_fills_and_each_credit_brings_one_more_layer()
    {
        _stream.Tell(new StreamPass(One));
        _stream.Tell(new StreamPass(One));
        _verify.ExpectMsg(new LayerReady(One, 0, 0));
        _verify.ExpectMsg(new LayerReady(One, 1, 1));
        _stream.Tell(new LayerConsumed(One, 0, 0));
        _verify.ExpectMsg(new LayerReady(One, 2, 0));
        _stream.Tell(new StreamPass(Two));
        _stream.Tell(new LayerConsumed(One, 1, 1));
        _verify.ExpectMsg(new LayerReady(Two, 0, 1));
        Assert.Equal([0, 1, 2, 0], _link.Begun);
    }

    [Fact]
    public void Stale_credit_is_dropped_and_counted()
    {
        _stream.Tell(new StreamPass(One));
        _stream.Tell(new LayerConsumed(Two, 0, 0));
        _scheduler.ExpectMsg(new StaleDropped(Epoch, nameof(LayerConsumed)));
        _verify.ReceiveN(2);
        _stream.Tell(new Identify(null), TestActor);
        ExpectMsg<ActorIdentity>();
        Assert.Equal(2, _link.Begun.Length);
    }

    [Fact]
    public async Task A_layer_that_fails_twice_is_read_again_and_delivered_once()
    {
        _link.Fails = (read, layer) => read is 1 or 2 ? new IOException("short read") : null;
        _stream.Tell(new StreamPass(One));
        _verify.ExpectMsg(new LayerReady(One, 0, 0));
        _verify.ExpectMsg(new LayerReady(One, 1, 1));
        await _link.Reads(4);
        Assert.Equal([0, 1, 1, 1], _link.Begun);
        _engine.ExpectNoMsg(TimeSpan.Zero);
    }

    [Fact]
    public void A_layer_that_fails_three_times_fails_the_link()
    {
        var error = new IOException("short read");
        _link.Fails = (_, layer) => layer == 1 ? error : null;
        _stream.Tell(new StreamPass(One));
        Assert.Equal((Epoch, 1, error), Tuple(_engine.ExpectMsg<LinkFailed>()));
        Assert.Equal([0, 1, 1, 1], _link.Begun);

        static (EngineEpoch, int, Exception) Tuple(LinkFailed m) => (m.Epoch, m.Layer, m.Error);
    }

    [Fact]
    public void A_changed_checkpoint_is_not_read_again()
    {
        _link.Fails = (_, layer) => layer == 1 ? new BadInputException("checkpoint changed") : null;
        _stream.Tell(new StreamPass(One));
        Assert.IsType<BadInputException>(_engine.ExpectMsg<LinkFailed>().Error);
        Assert.Equal([0, 1], _link.Begun);
    }

    [Fact]
    public async Task Aborting_a_pass_cuts_its_reads_and_goes_on_with_the_next()
    {
        _link.Hold((read, _) => read < 2);
        _stream.Tell(new StreamPass(One));
        await _link.Reads(2);
        _stream.Tell(new StreamPass(Two));
        _stream.Tell(new AbortPass(One), TestActor);
        ExpectMsg(new PassAborted(One));
        _verify.ReceiveN(2).Cast<LayerReady>().ToList().ForEach(m => Assert.Equal(Two, m.Pass));
        Assert.Equal(2, _link.Cancelled);
    }

    [Fact]
    public async Task A_read_has_the_link_for_itself_from_the_end_of_the_one_before_it()
    {
        _link.Hold((_, _) => true);
        long start = _time.GetTimestamp();
        _stream.Tell(new StreamPass(One));
        await _link.Reads(2);
        _time.Advance(3);
        _link.Release(0);
        _verify.ExpectMsg(new LayerReady(One, 0, 0));
        _time.Advance(2);
        _link.Release(1, new IOException("short read"));
        await _link.Reads(3);
        _time.Advance(4);
        _link.Release(1);
        _verify.ExpectMsg(new LayerReady(One, 1, 1));
        _time.Advance(5);
        _stream.Tell(new LayerConsumed(One, 0, 0));
        await _link.Reads(4);
        _time.Advance(1);
        _link.Release(2);
        _verify.ExpectMsg(new LayerReady(One, 2, 0));

        TimelineLog log = _recorder.Take();
        Assert.All(log.Events, e => Assert.Equal((Stage.Stream, One), (e.Stage, e.Pass)));
        Assert.Equal(
            [(0, 0, 3, 1000), (1, 3, 2, 0), (1, 5, 4, 1001), (2, 14, 1, 1002)],
            log.Events.Select(e => (e.Layer, (e.Start - start) / log.TicksPerSecond, e.Duration / log.TicksPerSecond, e.Bytes)));
    }

    [Fact]
    public void A_stream_that_stops_cuts_what_it_reads()
    {
        _link.Hold((_, _) => true);
        _stream.Tell(new StreamPass(One));
        Watch(_stream);
        Sys.Stop(_stream);
        ExpectTerminated(_stream);
        Assert.Equal(_link.Begun.Length, _link.Cancelled);
    }
}
