using System.Globalization;
using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Sessions;

/// <summary>Which session lives where, and how many may: the bound of everything behind it.</summary>
internal sealed class SessionRouter(SessionServices services, int maxSessions, int maxWaiting, IdSource sequences) : UntypedActor
{
    private readonly SessionAdmission _admission = new(maxSessions, maxWaiting);
    private readonly Dictionary<SessionId, SubmitPrompt> _submitted = [];
    private readonly Dictionary<SessionId, IActorRef> _children = [];

    // A session that fails is not restarted: its reader is told.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override void PreRestart(Exception reason, object message)
    {
        foreach (SubmitPrompt lost in _submitted.Values)
            lost.Subscriber.Tell(new Failed(lost.Session, new EngineFailedException($"the session router failed: {reason.Message}", reason)));
        base.PreRestart(reason, message);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubmitPrompt m:
                OnSubmit(m);
                break;
            case CancelRequest m when _admission.Withdraw(m.Session):
                OnWithdrawn(m.Session);
                break;
            case SessionEnded m:
                OnEnded(m.Session);
                break;
            case Terminated m:
                OnTerminated(m.ActorRef);
                break;
            case IWithSessionId m and (CancelRequest or DeltasRead):
                // A session may have ended while the message was on its way.
                if (_children.TryGetValue(m.Session, out IActorRef? child)) child.Tell(m);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnSubmit(SubmitPrompt submitted)
    {
        switch (_admission.Offer(submitted.Session))
        {
            case Admission.Start:
                _submitted.Add(submitted.Session, submitted);
                Start(submitted);
                break;
            case Admission.Wait:
                _submitted.Add(submitted.Session, submitted);
                break;
            case Admission.Taken:
                submitted.Subscriber.Tell(new Rejected(submitted.Session, Rejection.SessionBusy, $"session {submitted.Session} is busy: wait for its end, or use another id"));
                break;
            default:
                submitted.Subscriber.Tell(new Rejected(
                    submitted.Session, Rejection.QueueFull, $"{maxSessions} sessions are running and {maxWaiting} are waiting: try again later"));
                break;
        }
    }

    private void Start(SubmitPrompt submitted)
    {
        var sequence = new SequenceId(sequences.Next());
        SessionServices used = services;
        IActorRef child = Context.ActorOf(
            Props.Create(() => new SessionActor(sequence, used)), "session-" + sequence.Value.ToString(CultureInfo.InvariantCulture));
        _children.Add(submitted.Session, Context.Watch(child));
        child.Tell(submitted);
    }

    private void OnWithdrawn(SessionId session)
    {
        _submitted.Remove(session, out SubmitPrompt? submitted);
        var nothing = new GenerationResult([], "", FinishReason.Cancelled, 0, 0, [], submitted!.Request.Sampling.Seed, GenerationTimes.Zero);
        submitted.Subscriber.Tell(new Completed(session, nothing));
    }

    private void OnEnded(SessionId session)
    {
        if (!_children.Remove(session, out IActorRef? child)) return;
        Context.Unwatch(child);
        _submitted.Remove(session);
        if (_admission.End(session) is { } next) Start(_submitted[next]);
    }

    private void OnTerminated(IActorRef child)
    {
        foreach ((SessionId session, IActorRef ended) in _children)
        {
            if (!ended.Equals(child)) continue;
            _submitted[session].Subscriber.Tell(new Failed(session, new EngineFailedException($"session {session} failed unexpectedly")));
            OnEnded(session);
            return;
        }
    }
}
