using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Client;
using SubSpec.Actors.Drafting;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Kv;
using SubSpec.Actors.Sessions;
using SubSpec.Actors.Streaming;
using SubSpec.Actors.Verifying;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Schedules;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Scheduling;

/// <summary>
/// Turns the pure schedule's commands into messages, and replies into its events. Knows every sequence's tokens, so that sequences
/// survive the engine.
/// </summary>
internal sealed class SchedulerActor : UntypedActor
{
    private readonly int _treeRows;
    private readonly TimeProvider _time;
    private readonly ITimeline _timeline;
    private readonly IActorRef _supervisor;
    private readonly SequenceTable _sequences = new();
    private readonly AdmissionQueue _admission = new();
    private readonly OpenWork _work = new();
    private readonly TotalsMeter _meter = new();
    private readonly Queue<ScheduleEvent> _events = new();
    private readonly PassClock _clock;
    private readonly Dictionary<string, ScheduleState> _earlier = [];
    private ISchedule _schedule;
    private ScheduleState _state;
    private (ISchedule Schedule, IActorRef Client)? _next;
    private EngineState _engineState = EngineState.Building;
    private EngineReady? _engine;
    private ModelLimits? _limits;
    private Exception? _ended;
    private bool _progressed;
    private KvBalance _kv;

    /// <param name="treeRows">Rows of the largest tree: KV slots beyond prompt and output.</param>
    /// <param name="supervisor">The engine actor.</param>
    public SchedulerActor(ISchedule schedule, int treeRows, TimeProvider time, ITimeline timeline, IActorRef supervisor)
    {
        (_schedule, _treeRows, _time, _timeline, _supervisor) = (schedule, treeRows, time, timeline, supervisor);
        _state = schedule.Start();
        _clock = new PassClock(time);
    }

    protected override void PreStart() => _supervisor.Tell(new SchedulerStarted());

    protected override void PreRestart(Exception reason, object message)
    {
        var failure = new EngineFailedException($"the scheduler failed: {reason.Message}", reason);
        FailAll(failure);
        _next?.Client.Tell(new Status.Failure(failure));
        base.PreRestart(reason, message);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case EnqueueSequence m:
                OnEnqueue(m);
                break;
            case SequenceStopped m:
                Leave(m.Sequence);
                break;
            case AbortSequence m:
                Leave(m.Sequence);
                break;
            case KvReserved m when IsCurrent(m.Epoch):
                _kv = m.Balance;
                OnReserved(m.Lease);
                break;
            case KvRefused m when IsCurrent(m.Epoch):
                _admission.Refused(m.Sequence);
                break;
            case KvCommitted m when IsCurrent(m.Epoch):
                _kv = m.Balance;
                break;
            case KvReleased m when IsCurrent(m.Epoch):
                _kv = m.Balance;
                _engine!.Parts.Verify.Tell(new RetireKv(m.Lease, m.Freed));
                _admission.Released();
                break;
            case TreesDrafted m when IsCurrent(m.Epoch) && _work.End(m.Round):
                OnDrafted(m);
                break;
            case PassVerified m when IsCurrent(m.Epoch) && _work.End(m.Pass):
                OnVerified(m);
                break;
            case KvReserved or KvRefused or KvCommitted or KvReleased or TreesDrafted or PassVerified or StaleDropped:
                _meter.AddDropped();
                break;
            case EngineReady m:
                OnEngineReady(m);
                break;
            case SupervisorRestarted:
                _supervisor.Tell(new SchedulerStarted());
                break;
            case EngineLost m:
                if (IsCurrent(m.Epoch)) OnEngineLost(m.Error);
                break;
            case EngineFailed m:
                OnEngineFailed(m);
                break;
            case PassAborted:
                break;
            case UseSchedule m:
                _next?.Client.Tell(new ScheduleInUse(m.Schedule.Name));
                _next = (m.Schedule, Sender);
                break;
            case GetEngineLoad:
                Sender.Tell(Load());
                break;
            default:
                Unhandled(message);
                return;
        }
        Interpret();
    }

    private bool IsCurrent(EngineEpoch epoch) => _engine?.Epoch == epoch;

    private void OnEnqueue(EnqueueSequence request)
    {
        if (_ended is not null)
        {
            Sender.Tell(new SequenceFailed(request.Sequence, _ended));
            return;
        }
        var sequence = new SequenceState(request) { Times = new SequenceTimes(_time.GetTimestamp(), 0, 0, 0) };
        if (_limits is not null && sequence.Misfit(_limits) is { } misfit)
        {
            Sender.Tell(new SequenceFailed(request.Sequence, new BadInputException(misfit)));
            return;
        }
        if (!_sequences.TryAdd(sequence, Sender)) throw new InvalidOperationException($"{request.Sequence} is known already");
        _admission.Add(request.Sequence);
        if (_engineState != EngineState.Down) return;
        _engineState = EngineState.Building;
        _supervisor.Tell(new WakeEngine());
    }

    private void OnReserved(KvLease lease)
    {
        _admission.Reserved(lease.Sequence);
        if (!_sequences.TryGet(lease.Sequence, out SequenceState? sequence))
        {
            _engine!.Parts.Kv.Tell(new ReleaseKv(lease));
            return;
        }
        sequence.Admit(lease, _limits!);
        _meter.AddCached(lease.Cached);
        if (sequence.Times.Started == 0) sequence.Times = sequence.Times with { Started = _time.GetTimestamp() };
        _events.Enqueue(new ScheduleEvent.SequenceReady(sequence.Progress));
    }

    private void OnDrafted(TreesDrafted reply)
    {
        _meter.Add(reply.Figures);
        var drafted = ImmutableArray.CreateBuilder<SequenceId>();
        foreach (DraftedTree tree in reply.Trees)
        {
            if (!_sequences.TryGet(tree.Sequence, out SequenceState? sequence)) continue;
            sequence.Take(tree.Tree, reply.Round);
            drafted.Add(tree.Sequence);
        }
        _events.Enqueue(new ScheduleEvent.TreesDrafted(reply.Round, drafted.ToImmutable()) { Steps = reply.Figures.Steps });
    }

    private void OnVerified(PassVerified reply)
    {
        _meter.Add(reply.Figures);
        var going = ImmutableArray.CreateBuilder<SequenceProgress>();
        int tokens = 0, wrong = 0;
        foreach (RowsVerified rows in reply.Rows)
        {
            if (!_sequences.TryGet(rows.Sequence, out SequenceState? sequence)) continue;
            (long start, RoundId round) = (_timeline.Now(), sequence.Verifying);
            Committed committed = sequence.Commit(rows);
            _meter.AddPrefilled(committed.Prefilled);
            _engine!.Parts.Kv.Tell(sequence.Book());
            tokens += committed.Tokens.Length;
            if (committed.Walk is { } walk) wrong += walk.WrongChoices;
            if (!committed.Tokens.IsEmpty) Report(sequence, committed);
            if (committed.Finish == Finish.None) going.Add(sequence.Progress);
            else
            {
                if (_work.IsDrafting(sequence.Id)) _engine.Parts.Draft.Tell(new DropSequence(sequence.Id));
                Remove(sequence);
            }
            RecordCommit(start, reply.Pass, round, sequence.Id, committed.Tokens.Length);
        }
        _events.Enqueue(new ScheduleEvent.PassVerified(reply.Pass, going.ToImmutable()) { Times = _clock.End(reply.Figures, tokens, wrong) });
    }

    private void RecordCommit(long start, PassId pass, RoundId round, SequenceId sequence, int tokens)
    {
        if (!_timeline.IsOn) return;
        _timeline.Record(new TimelineEvent(Stage.Commit, start, _timeline.Now() - start) { Pass = pass, Round = round, Rows = tokens, Sequences = [sequence] });
    }

    private void Report(SequenceState sequence, Committed committed)
    {
        _meter.Add(committed);
        // Only tokens are progress: a prompt chunk is run again after every rebuild.
        sequence.Strikes = 0;
        long now = _time.GetTimestamp();
        sequence.Times = sequence.Times with { FirstToken = sequence.Times.FirstToken == 0 ? now : sequence.Times.FirstToken, LastToken = now };
        _sequences.SessionOf(sequence.Id).Tell(
            new TokensCommitted(sequence.Id, committed.Tokens, committed.Accepted, committed.Finish, sequence.Times)
            {
                LogProbs = committed.LogProbs,
                Walk = committed.Walk,
                CachedTokens = sequence.Cached ?? 0,
            });
        if (_progressed) return;
        _progressed = true;
        _supervisor.Tell(new EngineProgressed(_engine!.Epoch));
    }

    /// <summary>A session wants no more of a sequence, or cannot have more.</summary>
    private void Leave(SequenceId id)
    {
        if (!_sequences.TryGet(id, out SequenceState? sequence)) return;
        var drop = new DropSequence(id);
        if (_work.IsDrafting(id)) _engine!.Parts.Draft.Tell(drop);
        if (_work.IsVerifying(id)) _engine!.Parts.Verify.Tell(drop);
        if (sequence.Lease is not null) _events.Enqueue(new ScheduleEvent.SequenceGone(id));
        Remove(sequence);
    }

    private void Remove(SequenceState sequence)
    {
        _sequences.Remove(sequence.Id);
        _admission.Remove(sequence.Id);
        if (sequence.Lease is { } lease) _work.Leave(lease);
    }

    private void OnEngineReady(EngineReady ready)
    {
        (_engine, _engineState, _progressed) = (ready, EngineState.Ready, false);
        int slots = WholeBlocks(ready.KvSlots);
        _kv = new KvBalance(slots, 0, 0, 0);
        // A sequence longer than the whole cache would wait for ever: the cache is its context then.
        _limits = ready.Limits with { Context = Math.Min(ready.Limits.Context, slots) };
        _state = _schedule.Start();
        _earlier.Clear();
        foreach (SequenceState sequence in _sequences.States.ToArray())
            if (sequence.Misfit(_limits) is { } misfit) Fail(sequence, new BadInputException(misfit));
        _admission.Restart(_sequences.States.Select(s => s.Id));
    }

    private void OnEngineLost(Exception error)
    {
        foreach (SequenceState sequence in _sequences.States.ToArray())
        {
            // Others may make progress between its failures, so a sequence that breaks the engine is recognised by itself.
            if (_work.Holds(sequence.Id)) sequence.Strikes++;
            sequence.Evict();
            if (sequence.Strikes > 1) Fail(sequence, new EngineFailedException($"the engine failed twice at this request: {error.Message}", error));
        }
        _work.Clear();
        _events.Clear();
        _meter.EndEngine();
        _clock.Restart();
        (_engine, _engineState, _kv) = (null, EngineState.Building, default);
    }

    private void OnEngineFailed(EngineFailed failed)
    {
        _engineState = failed.Final ? EngineState.Ended : EngineState.Down;
        if (failed.Final) _ended = failed.Error;
        FailAll(failed.Error);
    }

    private void FailAll(Exception error)
    {
        foreach (SequenceState sequence in _sequences.States.ToArray()) Fail(sequence, error);
    }

    private void Fail(SequenceState sequence, Exception error)
    {
        _sequences.SessionOf(sequence.Id).Tell(new SequenceFailed(sequence.Id, error));
        Remove(sequence);
    }

    private EngineLoad Load()
    {
        int running = _sequences.States.Count(s => s.Lease is not null);
        return new EngineLoad(
            _engineState,
            _meter.Totals,
            running,
            _sequences.Count - running,
            _engine is null ? 0 : WholeBlocks(_engine.KvSlots),
            _kv.Committed,
            _limits)
        {
            Prefill = _sequences.Prefill,
            KvFree = _kv.Free,
            KvCached = _kv.Cached,
            Schedule = new ScheduleReport(_schedule.Name, _schedule.Explain(_state)),
        };
    }

    /// <summary>Lets the schedule say what to do until it has nothing more to say.</summary>
    private void Interpret()
    {
        ChangeSchedule();
        if (_engine is not { } engine) return;
        while (_next is null && _events.TryDequeue(out ScheduleEvent? happened))
        {
            (_state, ImmutableArray<ScheduleCommand> commands) = _schedule.Next(_state, happened);
            foreach (ScheduleCommand command in commands) Execute(engine.Parts, command);
        }
        if (_work.IsIdle) _clock.Rest();
        foreach (KvLease lease in _work.TakeUnheld()) engine.Parts.Kv.Tell(new ReleaseKv(lease));
        if (_admission.Ask(HadBetterWait) is { } next && _sequences.TryGet(next, out SequenceState? waiting))
            engine.Parts.Kv.Tell(waiting.Reserve(_treeRows, _limits!, WholeBlocks(engine.KvSlots)));
    }

    /// <summary>Another sequence prefills what this one begins with, and a whole pass of it is left: it is there sooner, and for both, than two could compute it.</summary>
    private bool HadBetterWait(SequenceId id) =>
        _sequences.TryGet(id, out SequenceState? waiting) && _sequences.States.Any(s => waiting.AwaitedFrom(s) >= _limits!.RowLimit);

    /// <summary>Changes the schedule between two rounds: the new one hears of every running sequence as if it had just come.</summary>
    private void ChangeSchedule()
    {
        if (_next is not { } next || !_work.IsIdle) return;
        _earlier[_schedule.Name] = _state;
        (_next, _schedule) = (null, next.Schedule);
        _state = _earlier.TryGetValue(_schedule.Name, out ScheduleState? earlier)
            ? _schedule.Resume(earlier, _work.NextPass, _work.NextRound)
            : _schedule.Start(_work.NextPass, _work.NextRound);
        _events.Clear();
        foreach (SequenceState running in _sequences.States.Where(s => s.Lease is not null)) _events.Enqueue(new ScheduleEvent.SequenceReady(running.Progress));
        next.Client.Tell(new ScheduleInUse(_schedule.Name));
    }

    private void Execute(EngineParts parts, ScheduleCommand command)
    {
        switch (command)
        {
            case ScheduleCommand.StreamAhead c:
                parts.Stream.Tell(new StreamPass(c.Pass));
                break;
            case ScheduleCommand.StartDraft c:
                ImmutableArray<DraftSeed> seeds = WorkComposer.Seeds(c.Orders, Find);
                if (seeds.IsEmpty)
                {
                    _work.Skip(c.Round);
                    _events.Enqueue(new ScheduleEvent.TreesDrafted(c.Round, []));
                    break;
                }
                _clock.Begin();
                _work.Begin(c.Round, seeds.Select(s => s.Sequence));
                parts.Draft.Tell(new Draft(new DraftPlan(c.Round, seeds), c.Grants, _work.Pass));
                break;
            case ScheduleCommand.StartPass c:
                ImmutableArray<PassRows> rows = WorkComposer.Rows(c.Orders, _limits!.RowLimit, Find);
                if (rows.IsEmpty)
                {
                    // The ring may have run ahead into it: nobody else would consume what it holds.
                    parts.Stream.Tell(new AbortPass(c.Pass));
                    _work.Skip(c.Pass);
                    _events.Enqueue(new ScheduleEvent.PassVerified(c.Pass, []));
                    break;
                }
                _clock.Begin();
                _work.Begin(c.Pass, rows.Select(r => r.Sequence));
                parts.Verify.Tell(new BeginPass(new PassPlan(c.Pass, rows), c.Grants));
                break;
            default:
                throw new InvalidOperationException($"schedule '{_schedule.Name}' gave the unknown command {command.GetType().Name}");
        }
    }

    private static int WholeBlocks(int slots) => slots / KvLedger.BlockSlots * KvLedger.BlockSlots;

    private SequenceState? Find(SequenceId id) => _sequences.TryGet(id, out SequenceState? sequence) && sequence.Lease is not null ? sequence : null;
}
