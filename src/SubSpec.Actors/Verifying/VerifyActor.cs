using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Streaming;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Verifying;

/// <summary>
/// The open target pass, one layer a message. A resident layer, or one that is there already, runs by a message to itself, so that
/// draft steps and cancellations come in between.
/// <code>
/// (no pass) --BeginPass--> (open) --NextLayer | LayerReady, for each layer--> NextLayer behind the last --> PassVerified --> (no pass)
///                            \--DropSequence of the last one--> AbortPass --PassAborted--> PassVerified(nothing) --^
/// </code>
/// </summary>
internal sealed class VerifyActor : UntypedActor
{
    private readonly EngineEpoch _epoch;
    private readonly IEngine _engine;
    private readonly ITargetPass _target;
    private readonly ComputeMeter _meter;
    private readonly IActorRef _draft;
    private readonly IActorRef _stream;
    private readonly IActorRef _scheduler;
    private readonly ImmutableDictionary<int, long> _payload;
    private readonly Dictionary<(PassId Pass, int Layer), int> _ready = [];
    private PassId _last;
    private OpenPass? _open;

    public VerifyActor(EngineEpoch epoch, IEngine engine, ComputeMeter meter, IActorRef draft, IActorRef stream, IActorRef scheduler)
    {
        (_epoch, _engine, _target, _meter) = (epoch, engine, engine.Target, meter);
        (_draft, _stream, _scheduler) = (draft, stream, scheduler);
        _payload = engine.Link.OffloadedLayers.ToImmutableDictionary(layer => layer, engine.Link.LayerBytes);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case BeginPass m when _open is null && m.Plan.Pass.Value > _last.Value:
                OnBegin(m);
                break;
            case LayerReady m when m.Pass.Value > _last.Value || (_open is { IsAborting: false } && m.Pass == _open.Pass):
                _ready.Add((m.Pass, m.Layer), m.Slot);
                if (_open is { IsWaiting: true } waiting && m.Pass == waiting.Pass && m.Layer == waiting.Layer) RunLayer(waiting);
                break;
            case NextLayer m when _open is { IsAborting: false } open && m.Pass == open.Pass && m.Layer == open.Layer:
                if (m.Layer < _target.LayerCount) RunLayer(open);
                else Finish(open);
                break;
            case BeginPass or LayerReady or NextLayer:
                _scheduler.Tell(new StaleDropped(_epoch, message.GetType().Name));
                break;
            case DropSequence m:
                OnDrop(m.Sequence);
                break;
            case PassAborted m when _open is { IsAborting: true } aborted && m.Pass == aborted.Pass:
                Reply(aborted, []);
                break;
            case RetireKv m:
                _engine.Kv.Retire(m.Lease, m.Freed);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnBegin(BeginPass begin)
    {
        _last = begin.Plan.Pass;
        // The link starts while the rows are embedded.
        _stream.Tell(new StreamPass(_last));
        var open = _open = new OpenPass(begin.Plan, begin.Grants);
        open.VerifySeconds += _meter.Verify(() => _target.Begin(begin.Plan));
        Record(open, WalkStage(open));
        GoOn(open);
    }

    /// <summary>Queues the next layer where it can run, else lets draft steps in.</summary>
    private void GoOn(OpenPass open)
    {
        if (open.Layer == _target.LayerCount || !_target.IsOffloaded(open.Layer) || _ready.ContainsKey((open.Pass, open.Layer)))
        {
            Self.Tell(new NextLayer(open.Pass, open.Layer));
            return;
        }
        open.IsWaiting = true;
        _meter.Wait();
        _draft.Tell(new PassWaiting(open.Pass, open.Layer, open.Grants.StepsBefore(open.Layer)));
    }

    private void RunLayer(OpenPass open)
    {
        EndWait(open);
        int layer = open.Layer;
        bool streamed = _ready.Remove((open.Pass, layer), out int slot);
        open.VerifySeconds += _meter.Verify(() => _target.RunLayer(layer, streamed ? slot : -1));
        Record(open, WalkStage(open), layer);
        if (streamed)
        {
            open.Consumed(_payload[layer]);
            _stream.Tell(new LayerConsumed(open.Pass, layer, slot));
        }
        open.Layer++;
        GoOn(open);
    }

    private void Finish(OpenPass open)
    {
        ImmutableArray<RowsVerified> rows = [];
        open.VerifySeconds += _meter.Verify(() => rows = _target.Finish());
        Record(open, Stage.Accept);
        Reply(open, rows);
    }

    private void OnDrop(SequenceId sequence)
    {
        if (_open is not { } open || !open.Drop(sequence)) return;
        _target.Drop(sequence);
        if (!open.IsEmpty) return;
        _target.Abandon();
        open.IsAborting = true;
        foreach ((PassId Pass, int Layer) held in _ready.Keys.Where(k => k.Pass == open.Pass).ToArray()) _ready.Remove(held);
        _stream.Tell(new AbortPass(open.Pass));
    }

    private void Reply(OpenPass open, ImmutableArray<RowsVerified> rows)
    {
        EndWait(open);
        _open = null;
        _draft.Tell(new PassOver(open.Pass, rows));
        var figures = new PassFigures(
            open.VerifySeconds, open.StallSeconds, open.LayersConsumed, open.PayloadBytes, rows.IsEmpty ? 0 : open.Rows, _engine.Link.Stats)
        {
            Drafted = _meter.TakeDraftWork(),
        };
        _scheduler.Tell(new PassVerified(_epoch, open.Pass, rows, figures));
    }

    private static Stage WalkStage(OpenPass open) => open.IsPrefill ? Stage.Prefill : Stage.Verify;

    private void Record(OpenPass open, Stage stage, int layer = -1)
    {
        if (!_meter.Records) return;
        _meter.Record(new TimelineEvent(stage, 0, 0) { Pass = open.Pass, Round = open.Round, Layer = layer, Rows = open.Rows, Sequences = open.Sequences });
    }

    private void EndWait(OpenPass open)
    {
        if (!open.IsWaiting) return;
        open.IsWaiting = false;
        open.StallSeconds += _meter.EndWait();
        _draft.Tell(new PassRunning(open.Pass));
    }
}
