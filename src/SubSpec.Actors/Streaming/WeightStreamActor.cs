using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Streaming;

/// <summary>Keeps the link busy: reads the next layer whenever a slot of the ring is free and a pass wants it. Alone on its thread.</summary>
internal sealed class WeightStreamActor : UntypedActor
{
    private readonly EngineEpoch _epoch;
    private readonly IWeightLink _link;
    private readonly IActorRef _engine;
    private readonly IActorRef _scheduler;
    private readonly StreamRing _ring;
    private readonly ReadTimes _times;
    private readonly Action<LayerRead> _ended;
    private IActorRef _verify = ActorRefs.Nobody;
    private bool _failed;

    /// <param name="engine">Hears about a link that failed.</param>
    /// <param name="scheduler">Counts dropped messages.</param>
    public WeightStreamActor(EngineEpoch epoch, IWeightLink link, ITimeline timeline, IActorRef engine, IActorRef scheduler)
    {
        (_epoch, _link, _engine, _scheduler) = (epoch, link, engine, scheduler);
        _ring = new StreamRing(link.SlotCount, link.OffloadedLayers);
        _times = new ReadTimes(timeline, link);
        IActorRef self = Self;
        _ended = read => self.Tell(new ReadEnded(read, timeline.Now()));
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ConnectVerify m:
                _verify = m.Verify;
                break;
            case StreamPass m:
                _ring.StreamTo(m.Pass);
                ReadAhead();
                break;
            case ReadEnded m:
                OnReadEnded(m.Read, m.At);
                break;
            case LayerConsumed m:
                if (_ring.Consumed(m.Pass, m.Layer, m.Slot)) ReadAhead();
                else _scheduler.Tell(new StaleDropped(_epoch, nameof(LayerConsumed)));
                break;
            case AbortPass m:
                _ring.Abort(m.Pass);
                // The link cuts all reads or none; those of a later pass are worth more than the slots.
                if (!_ring.IsReading) _link.CancelReads();
                Sender.Tell(new PassAborted(m.Pass));
                ReadAhead();
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    protected override void PostStop() => _link.CancelReads();

    private void ReadAhead()
    {
        while (!_failed && _ring.Next() is { } read) Begin(read);
    }

    private void Begin(RingRead read)
    {
        _times.Begin(read.Slot);
        _link.BeginRead(read.Layer, read.Slot, _ended);
    }

    private void OnReadEnded(LayerRead ended, long at)
    {
        (ReadOutcome outcome, RingRead read) = _ring.Ended(ended.Slot, ended.Error is null);
        _times.End(read, at, ended.Error is null);
        // Input that cannot be used does not become better by reading it again.
        if (outcome == ReadOutcome.Retry && ended.Error is BadInputException) outcome = ReadOutcome.Failed;
        switch (outcome)
        {
            case ReadOutcome.Ready:
                _verify.Tell(new LayerReady(read.Pass, read.Layer, read.Slot));
                break;
            case ReadOutcome.Retry when !_failed:
                Begin(read);
                break;
            case ReadOutcome.Failed when !_failed:
                _failed = true;
                _engine.Tell(new LinkFailed(_epoch, read.Layer, ended.Error!));
                break;
            case ReadOutcome.Discarded:
                ReadAhead();
                break;
        }
    }
}
