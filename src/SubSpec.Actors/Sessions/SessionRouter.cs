using System.Globalization;
using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Sessions;

/// <summary>Which request's actor lives where, and how many may: the bound of everything behind it.</summary>
internal sealed class SessionRouter(SessionServices services, SessionLimits limits, IdSource sequences) : UntypedActor
{
    private readonly SessionAdmission _admission = new(limits);
    private readonly Dictionary<RequestId, SubmitPrompt> _submitted = [];
    private readonly Dictionary<RequestId, IActorRef> _children = [];

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
            case CancelRequest m when _admission.Withdraw(m.Id):
                OnWithdrawn(m.Id);
                break;
            case GetQueueLength:
                Sender.Tell(new QueueLength(_admission.Waiting));
                break;
            case SessionEnded m:
                OnEnded(m.Id);
                break;
            case Terminated m:
                OnTerminated(m.ActorRef);
                break;
            case IWithRequestId m and (CancelRequest or DeltasRead):
                // A session may have ended while the message was on its way.
                if (_children.TryGetValue(m.Id, out IActorRef? child)) child.Tell(m);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnSubmit(SubmitPrompt submitted)
    {
        switch (_admission.Offer(submitted.Id, submitted.Key))
        {
            case Admission.Start:
                _submitted.Add(submitted.Id, submitted);
                Start(submitted);
                break;
            case Admission.Wait:
                _submitted.Add(submitted.Id, submitted);
                break;
            case Admission.Busy:
                Reject(submitted, Rejection.SessionBusy, $"session {submitted.Session} is busy and as many of its requests wait as may: wait for their end, or use another id");
                break;
            default:
                Reject(submitted, Rejection.QueueFull, $"{_admission.Running} requests are running and {_admission.Waiting} are waiting: try again later");
                break;
        }
    }

    private static void Reject(SubmitPrompt submitted, Rejection why, string reason) => submitted.Subscriber.Tell(new Rejected(submitted.Session, why, reason));

    private void Start(SubmitPrompt submitted)
    {
        var sequence = new SequenceId(sequences.Next());
        SessionServices used = services;
        IActorRef child = Context.ActorOf(
            Props.Create(() => new SessionActor(sequence, used)), "session-" + sequence.Value.ToString(CultureInfo.InvariantCulture));
        _children.Add(submitted.Id, Context.Watch(child));
        child.Tell(submitted);
    }

    private void OnWithdrawn(RequestId request)
    {
        _submitted.Remove(request, out SubmitPrompt? submitted);
        var nothing = new GenerationResult([], "", FinishReason.Cancelled, 0, 0, [], submitted!.Request.Sampling.Seed, GenerationTimes.Zero);
        submitted.Subscriber.Tell(new Completed(submitted.Session, nothing));
    }

    private void OnEnded(RequestId request)
    {
        if (!_children.Remove(request, out IActorRef? child)) return;
        Context.Unwatch(child);
        _submitted.Remove(request);
        if (_admission.End(request) is { } next) Start(_submitted[next]);
    }

    private void OnTerminated(IActorRef child)
    {
        foreach ((RequestId request, IActorRef ended) in _children)
        {
            if (!ended.Equals(child)) continue;
            SubmitPrompt lost = _submitted[request];
            lost.Subscriber.Tell(new Failed(lost.Session, new EngineFailedException($"session {lost.Session} failed unexpectedly")));
            OnEnded(request);
            return;
        }
    }
}
