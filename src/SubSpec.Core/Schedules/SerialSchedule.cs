using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// One sequence a round, in turn: draft, then stream and verify (SubSpec v1, arXiv 2509.18344). As <c>sequential</c> the link rests
/// while drafting; as <c>prefetch</c> the ring fills with the next pass's first layers meanwhile (SpecExec's ring) and runs ahead
/// from pass to pass.
/// </summary>
public sealed class SerialSchedule : ISchedule
{
    private readonly ScheduleSettings _settings;
    private readonly bool _runAhead;

    private SerialSchedule(string name, ScheduleSettings settings, bool runAhead)
    {
        Name = name;
        _settings = settings;
        _runAhead = runAhead;
    }

    public string Name { get; }

    public static SerialSchedule Sequential(ScheduleSettings settings) => new("sequential", settings, runAhead: false);

    public static SerialSchedule Prefetch(ScheduleSettings settings) => new("prefetch", settings, runAhead: true);

    public ScheduleState Start(PassId pass, RoundId round) => new SerialState([], null, SerialPhase.Idle, pass, round, default);

    public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
    {
        var serial = (SerialState)state;
        var commands = ImmutableArray.CreateBuilder<ScheduleCommand>();
        serial = happened switch
        {
            ScheduleEvent.SequenceReady e => serial with { Waiting = serial.Waiting.Add(e.Progress) },
            ScheduleEvent.SequenceGone e => Without(serial, e.Sequence),
            ScheduleEvent.TreesDrafted e when e.Round == serial.Round && serial.Phase == SerialPhase.Drafting => AfterDraft(serial, commands),
            ScheduleEvent.PassVerified e when e.Pass == serial.Pass && serial.Phase == SerialPhase.Verifying => AfterPass(serial, e),
            _ => serial,
        };
        if (serial.Phase == SerialPhase.Idle) serial = TakeTurn(serial, commands);
        return (serial, commands.ToImmutable());
    }

    private static SerialState Without(SerialState state, SequenceId gone) => state with
    {
        Waiting = state.Waiting.RemoveAll(w => w.Sequence == gone),
        Active = state.Active?.Sequence == gone ? null : state.Active,
    };

    private SerialState AfterDraft(SerialState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        state = state with { Round = state.Round.Next, Phase = SerialPhase.Idle };
        return state.Active is null ? state : StartPass(state, promptRows: 0, commands);
    }

    private static SerialState AfterPass(SerialState state, ScheduleEvent.PassVerified e)
    {
        state = state with { Pass = state.Pass.Next, Phase = SerialPhase.Idle, Active = null };
        return state with { Waiting = state.Waiting.AddRange(e.Going) };
    }

    private SerialState TakeTurn(SerialState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (state.Waiting.IsEmpty) return state with { Active = null };
        SequenceProgress active = state.Waiting[0];
        state = state with { Active = active, Waiting = state.Waiting.RemoveAt(0) };
        if (active.PromptLeft > 0) return StartPass(state, Math.Min(active.PromptLeft, _settings.ChunkRows), commands);
        DraftShape shape = _settings.ShapeFor(active.TokensLeft);
        if (shape.Depth == 0) return StartPass(state, promptRows: 0, commands);

        if (_runAhead) state = state with { Lead = state.Lead.RunTo(state.Pass, commands) };
        commands.Add(new ScheduleCommand.StartDraft(state.Round, [new DraftOrder(active.Sequence, shape)], StepGrants.Unlimited));
        return state with { Phase = SerialPhase.Drafting };
    }

    private SerialState StartPass(SerialState state, int promptRows, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        SequenceProgress active = state.Active!;
        commands.Add(new ScheduleCommand.StartPass(state.Pass, [new PassOrder(active.Sequence, promptRows)], StepGrants.None));
        state = state with { Phase = SerialPhase.Verifying, Lead = state.Lead.Begin(state.Pass) };

        // A sequence may end early by itself; what the ring then holds serves the next one.
        bool another = !state.Waiting.IsEmpty || promptRows < active.PromptLeft || active.TokensLeft > 1;
        return _runAhead && another ? state with { Lead = state.Lead.RunTo(state.Pass.Next, commands) } : state;
    }
}
