using Akka.Actor;
using Akka.Event;
using SubSpec.Actors.Client;
using SubSpec.Actors.Hosting;
using SubSpec.Actors.Streaming;
using SubSpec.Core.Engine;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Engines;

/// <summary>
/// Supervises the engine of one device. A part that fails ends the build; after its end the engine is built anew and the scheduler
/// goes on from its tokens.
/// <code>
/// Building --EngineReady--> Ready --PartFailed--> Stopping --Terminated--> Building     (first failure)
///    \--------------------------------PartFailed--^         \--Terminated--> Down       (again and again without progress) --WakeEngine--> Building
///                                                            \--Terminated--> Ended     (bad input, such as a changed checkpoint)
/// </code>
/// </summary>
internal sealed class EngineActor(Func<IEngine> build, TimeSpan sessionIdle, TimeProvider time, ITimeline timeline, IdSource epochs) : UntypedActor
{
    private readonly RebuildPolicy _policy = new();
    private readonly List<IActorRef> _waiters = [];
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private EngineEpoch _epoch;
    private IActorRef _scheduler = ActorRefs.Nobody;
    private IActorRef _host = ActorRefs.Nobody;
    private EngineReady? _ready;
    private Exception? _error;
    private Phase _phase = Phase.Down;
    private bool _stopping;

    private enum Phase
    {
        Building,
        Ready,
        Down,
        Ended,
    }

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(error =>
    {
        // As a message, it is handled after what the parts said before they failed.
        Self.Tell(new PartFailed(_epoch, error));
        return Directive.Stop;
    });

    /// <summary>The next incarnation begins with nothing: the scheduler drops this build and introduces itself again.</summary>
    protected override void PreRestart(Exception reason, object message)
    {
        var failure = new EngineFailedException($"the engine's supervisor failed: {reason.Message}", reason);
        foreach (IActorRef waiter in _waiters) waiter.Tell(new Status.Failure(failure));
        _scheduler.Tell(new EngineLost(_epoch, failure));
        _scheduler.Tell(new SupervisorRestarted());
        base.PreRestart(reason, message);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SchedulerStarted:
                OnSchedulerStarted(Sender);
                break;
            case EngineReady m:
                if (m.Epoch == _epoch && _phase == Phase.Building && !_stopping) OnReady(m);
                break;
            case LinkFailed m:
                OnFailed(m.Epoch, m.Error);
                break;
            case PartFailed m:
                OnFailed(m.Epoch, m.Error);
                break;
            case EngineProgressed m:
                if (m.Epoch == _epoch) _policy.Progressed();
                break;
            case WakeEngine:
                if (_phase == Phase.Down) Build();
                else if (_phase == Phase.Ended) Sender.Tell(new EngineFailed(_error!, Final: true));
                break;
            case Terminated m when m.ActorRef.Equals(_host):
                OnHostEnded();
                break;
            case AwaitEngine:
                _waiters.Add(Sender);
                Answer();
                break;
            case GetEngineLoad when _scheduler.IsNobody():
                Sender.Tell(new EngineLoad(EngineState.Building, EngineTotals.Zero, 0, 0, 0, 0, null));
                break;
            case GetEngineLoad:
                _scheduler.Forward(message);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnSchedulerStarted(IActorRef scheduler)
    {
        _scheduler = scheduler;
        // A scheduler that was restarted knows nothing of the passes of this build.
        if (_phase == Phase.Ready) Stop(Phase.Building);
        else if (_phase == Phase.Ended) scheduler.Tell(new EngineFailed(_error!, Final: true));
        else Build();
    }

    private void OnReady(EngineReady ready)
    {
        (_phase, _ready) = (Phase.Ready, ready);
        _scheduler.Tell(ready);
        Answer();
    }

    private void OnFailed(EngineEpoch epoch, Exception error)
    {
        if (epoch != _epoch || _stopping || _phase is Phase.Down or Phase.Ended) return;
        (Recovery recovery, Exception shown) = _policy.Failed(error, building: _phase == Phase.Building);
        _log.Warning("{0} failed: {1} ({2})", _epoch, error.Message, recovery);
        _scheduler.Tell(new EngineLost(_epoch, error));
        _error = shown;
        if (recovery != Recovery.Rebuild) _scheduler.Tell(new EngineFailed(shown, Final: recovery == Recovery.End));
        Stop(recovery switch { Recovery.Rebuild => Phase.Building, Recovery.End => Phase.Ended, _ => Phase.Down });
        Answer();
    }

    private void Stop(Phase next)
    {
        (_phase, _ready, _stopping) = (next, null, !_host.IsNobody());
        if (_stopping) Context.Stop(_host);
    }

    private void OnHostEnded()
    {
        bool expected = _stopping;
        (_stopping, _host) = (false, ActorRefs.Nobody);
        if (!expected) OnFailed(_epoch, new InvalidOperationException("the engine ended by itself"));
        if (_phase == Phase.Building) Build();
    }

    private void Build()
    {
        (_phase, _error) = (Phase.Building, null);
        if (!_host.IsNobody()) return;
        EngineEpoch epoch = _epoch = new EngineEpoch(epochs.Next());
        IActorRef scheduler = _scheduler;
        Props props = Props.Create(() => new EngineHostActor(epoch, build, sessionIdle, time, timeline, scheduler)).WithDispatcher(Dispatchers.Compute);
        _host = Context.Watch(Context.ActorOf(props, $"host-{epoch.Value}"));
    }

    private void Answer()
    {
        object? answer = _phase switch
        {
            Phase.Ready => _ready,
            Phase.Down or Phase.Ended when _error is not null => new Status.Failure(_error),
            _ => null,
        };
        if (answer is null) return;
        foreach (IActorRef waiter in _waiters) waiter.Tell(answer);
        _waiters.Clear();
    }
}
