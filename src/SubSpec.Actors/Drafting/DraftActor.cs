using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Drafting;

/// <summary>
/// Draft generation, one step of all drafting sequences a message, so that layers and cancellations come in between.
/// <code>
/// (no round) --Draft--> (open) --DraftStep*--> TreesDrafted --> (no round)
///                         \--DropSequence of the last one--^
/// </code>
/// </summary>
internal sealed class DraftActor(EngineEpoch epoch, IDraftModel model, IWeightLink link, ComputeMeter meter, IActorRef scheduler) : UntypedActor
{
    private readonly StepAllowance _allowance = new();
    private readonly HashSet<SequenceId> _sequences = [];
    private RoundId _last;
    private RoundId? _open;
    private PassOver? _lastPass;
    private bool _continues;
    private bool _exhausted;
    private AheadFigures _ahead;
    private bool _stepQueued;
    private readonly ImmutableArray<WorkTime>.Builder _steps = ImmutableArray.CreateBuilder<WorkTime>();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Draft m when _open is null && m.Plan.Round.Value > _last.Value:
                OnDraft(m);
                break;
            case DraftStep m when m.Round == _open:
                OnStep();
                break;
            case Draft or DraftStep:
                scheduler.Tell(new StaleDropped(epoch, message.GetType().Name));
                break;
            case PassWaiting m:
                _allowance.Wait(m.Layer, m.Steps);
                QueueStep();
                break;
            case PassRunning:
                _allowance.Run();
                break;
            case PassOver m:
                _lastPass = m;
                OnPassOver(m);
                QueueStep();
                break;
            case DropSequence m:
                OnDrop(m.Sequence);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void OnDraft(Draft draft)
    {
        (_open, _last) = (draft.Plan.Round, draft.Plan.Round);
        _steps.Clear();
        (_stepQueued, _exhausted, _ahead) = (false, false, default);
        _continues = draft.Plan.Seeds.Any(s => s.Continues);
        _sequences.UnionWith(draft.Plan.Seeds.Select(s => s.Sequence));
        Measure(() => model.Begin(draft.Plan));
        Record(rows: 0);
        _allowance.Open(draft.Grants);
        // The pass that was to grant the steps may have ended before the order came.
        if (draft.Inside is { } pass && _lastPass is { } over && pass.Value <= over.Pass.Value) OnPassOver(over);
        QueueStep();
    }

    private void OnPassOver(PassOver over)
    {
        _allowance.PassOver();
        if (!_continues) return;
        (_continues, _exhausted) = (false, false);
        Measure(() => _ahead = model.Reroot(over.Rows));
    }

    private void OnStep()
    {
        _stepQueued = false;
        // The grant may have lapsed since the step was queued.
        if (!_allowance.Any) return;
        _allowance.Take();
        bool more = false;
        double seconds = Measure(() => more = model.Step());
        Record(model.StepRows);
        _steps.Add(new WorkTime(model.StepRows, seconds));
        meter.Count(new DraftWork(Steps: 1, model.StepRows, 0, 0));
        if (more) QueueStep();
        // What continues a tree waits for the pass that verifies it, although nothing more can be drafted ahead.
        else if (_continues) _exhausted = true;
        else End();
    }

    private void OnDrop(SequenceId sequence)
    {
        if (!_sequences.Remove(sequence)) return;
        model.Drop(sequence);
        if (_sequences.Count > 0) return;
        model.Abandon();
        Reply([]);
    }

    private void End()
    {
        ImmutableArray<DraftedTree> trees = [];
        Measure(() => trees = model.Finish());
        Record(rows: 0);
        Reply(trees);
    }

    private void Reply(ImmutableArray<DraftedTree> trees)
    {
        RoundId round = _open!.Value;
        (_open, _continues) = (null, false);
        _sequences.Clear();
        _allowance.Close();
        scheduler.Tell(new TreesDrafted(epoch, round, trees, new DraftFigures(_steps.ToImmutable(), meter.TakeDraftWork(), link.Stats, _ahead)));
    }

    private void QueueStep()
    {
        if (_open is not { } round || _stepQueued || _exhausted || !_allowance.Any) return;
        _stepQueued = true;
        Self.Tell(new DraftStep(round));
    }

    private void Record(int rows)
    {
        if (meter.Records) meter.Record(new TimelineEvent(Stage.Draft, 0, 0) { Round = _last, Rows = rows, Sequences = [.. _sequences] });
    }

    private double Measure(Action work)
    {
        double busy = link.Stats.BusySeconds;
        double seconds = meter.Draft(work);
        meter.Count(new DraftWork(0, 0, seconds, OverlapSeconds: Math.Clamp(link.Stats.BusySeconds - busy, 0, seconds)));
        return seconds;
    }
}
