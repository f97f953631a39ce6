using System.Collections.Immutable;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>
/// Drives any schedule with random orders of events, as a faithful engine would: sequences arrive, finish and are cancelled at any moment,
/// every draft round and every pass that was started ends exactly once, and messages that are over arrive again. A run throws
/// <see cref="ScheduleViolationException"/>, with its log, where a rule of <see cref="HarnessEngine"/> is broken or work stands still.
/// </summary>
internal sealed class ScheduleHarness
{
    private readonly ISchedule _schedule;
    private readonly HarnessRules _rules;
    private readonly Random _random;
    private readonly HarnessEngine _engine;
    private readonly List<ScheduleEvent> _past = [];
    private readonly List<string> _log = [];

    // The second state never sees a stale event; both must behave alike.
    private ScheduleState _state, _undisturbed;
    private int _arrived, _finished, _cancelled;
    private int _workLeft;

    private ScheduleHarness(ISchedule schedule, HarnessRules rules, int seed)
    {
        _schedule = schedule;
        _rules = rules;
        _random = new Random(seed);
        _engine = new HarnessEngine(rules, _random);
        _state = _undisturbed = schedule.Start();
    }

    /// <summary>One run; the same seed gives the same run.</summary>
    public static HarnessReport Run(ISchedule schedule, HarnessRules rules, int seed)
    {
        var harness = new ScheduleHarness(schedule, rules, seed);
        try
        {
            return harness.Run();
        }
        catch (ScheduleViolationException violation)
        {
            string log = string.Join(Environment.NewLine, harness._log.TakeLast(40));
            throw new ScheduleViolationException($"{schedule.Name}, seed {seed}: {violation.Message}{Environment.NewLine}{log}");
        }
    }

    private HarnessReport Run()
    {
        // Every pass chooses a token or takes prompt rows, so these steps are plenty; a schedule that needs more goes in circles.
        for (int steps = 0; ; steps++)
        {
            Action[] moves = [.. Moves()];
            if (moves.Length == 0) break;
            if (steps > 1000 + 20 * _workLeft) throw new ScheduleViolationException("the work never ends");
            moves[_random.Next(moves.Length)]();
            if (_random.Next(4) == 0) Replay();
            bool idle = !_engine.HasPass && !_engine.HasDraft;
            if (idle && _engine.Live.FirstOrDefault() is { } waiting) throw new ScheduleViolationException($"the engine stands still while {waiting.Id} waits");
        }
        return new(_engine.Passes, _engine.DraftRounds, _engine.StreamsAhead, _finished, _cancelled, _engine.TokensChosen, _engine.RoundsInsidePasses, _engine.PromptsContinued);
    }

    private IEnumerable<Action> Moves()
    {
        if (_arrived < _rules.Sequences) yield return Arrive;
        if (_engine.CanEndDraft) yield return () => Tell(_engine.EndDraft());
        if (_engine.HasPass) yield return EndPass;
        if (_rules.Cancels && _engine.Live.Any() && _random.Next(6) == 0) yield return Cancel;
    }

    private void Arrive()
    {
        var sequence = new HarnessSequence(new SequenceId(++_arrived), prompt: _random.Next(1, 100), tokens: _random.Next(1, 50));
        _workLeft += sequence.PromptLeft + sequence.TokensLeft;
        _engine.Admit(sequence);
        Tell(new ScheduleEvent.SequenceReady(sequence.Progress));
    }

    private void EndPass()
    {
        ScheduleEvent.PassVerified verified = _engine.EndPass(out ImmutableArray<SequenceId> finished);
        _finished += finished.Length;
        // An engine may say of a finished sequence that it is over before, after or never: the pass does not list it.
        int order = _random.Next(3);
        if (order == 0) foreach (SequenceId id in finished) Tell(new ScheduleEvent.SequenceGone(id));
        Tell(verified);
        if (order == 1) foreach (SequenceId id in finished) Tell(new ScheduleEvent.SequenceGone(id));
    }

    private void Cancel()
    {
        HarnessSequence[] live = [.. _engine.Live];
        HarnessSequence sequence = live[_random.Next(live.Length)];
        sequence.Stop();
        _cancelled++;
        Tell(new ScheduleEvent.SequenceGone(sequence.Id));
    }

    private void Tell(ScheduleEvent happened)
    {
        (_state, ImmutableArray<ScheduleCommand> commands) = _schedule.Next(_state, happened);
        (_undisturbed, ImmutableArray<ScheduleCommand> same) = _schedule.Next(_undisturbed, happened);
        string told = Describe(happened, commands);
        _log.Add(told);
        if (told != Describe(happened, same)) throw new ScheduleViolationException($"a stale event has changed what is done: else {Describe(happened, same)}");
        foreach (ScheduleCommand command in commands) _engine.Obey(command);
        if (happened is not ScheduleEvent.SequenceReady) _past.Add(happened);
    }

    /// <summary>Something that is over arrives once more.</summary>
    private void Replay()
    {
        if (_past.Count == 0) return;
        ScheduleEvent stale = _past[_random.Next(_past.Count)];
        (_state, ImmutableArray<ScheduleCommand> commands) = _schedule.Next(_state, stale);
        _log.Add("again: " + Describe(stale, commands));
        if (!commands.IsEmpty) throw new ScheduleViolationException("a stale event has started work");
    }

    private static string Describe(ScheduleEvent happened, ImmutableArray<ScheduleCommand> commands) =>
        $"{Text(happened)} -> {string.Join("; ", commands.Select(Text))}";

    private static string Text(ScheduleEvent happened) => happened switch
    {
        ScheduleEvent.TreesDrafted e => $"TreesDrafted {e.Round} [{string.Join(", ", e.Sequences)}]",
        ScheduleEvent.PassVerified e => $"PassVerified {e.Pass} [{string.Join(", ", e.Going)}]",
        _ => $"{happened}",
    };

    private static string Text(ScheduleCommand command) => command switch
    {
        ScheduleCommand.StartDraft c => $"StartDraft {c.Round} [{string.Join(", ", c.Orders)}] {Text(c.Grants)}",
        ScheduleCommand.StartPass c => $"StartPass {c.Pass} [{string.Join(", ", c.Orders)}] {Text(c.Grants)}",
        _ => $"{command}",
    };

    private static string Text(Core.Engine.StepGrants grants) => $"{grants.AtOnce} [{string.Join(", ", grants.BeforeLayer)}]";
}
