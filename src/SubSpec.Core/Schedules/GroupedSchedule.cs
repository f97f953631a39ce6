using System.Collections.Immutable;
using SubSpec.Core.Engine;

namespace SubSpec.Core.Schedules;

/// <summary>
/// Many sequences in one pass: one stream of the weights serves all of them, and one walk of the draft model drafts for all. As
/// <c>shared</c> they are one group: draft all trees, then verify them together with the waiting prompt chunks. As <c>interleave</c>
/// they are two that take turns: while one is verified the other drafts, by step grants where the pass waits for a layer
/// (SpecOffload). The ring runs ahead from pass to pass.
/// </summary>
internal sealed class GroupedSchedule : ISchedule
{
    private readonly ScheduleSettings _settings;
    private readonly int _groups;
    private readonly int _promptReserve;
    private readonly StepGrants _insidePass;

    private GroupedSchedule(string name, ScheduleSettings settings, int groups, double promptShare, StepGrants insidePass)
    {
        Name = name;
        _settings = settings;
        // Where nothing is drafted, a second group would only double the streams.
        _groups = settings.Shape.Depth == 0 ? 1 : groups;
        _promptReserve = Math.Max(1, (int)(promptShare * settings.PassRows));
        _insidePass = insidePass;
    }

    public string Name { get; }

    /// <summary>One group.</summary>
    /// <param name="promptShare">Share of a pass's rows kept for prompts while some wait.</param>
    public static GroupedSchedule Shared(ScheduleSettings settings, double promptShare) => new("shared", settings, 1, promptShare, StepGrants.None);

    /// <summary>Two groups.</summary>
    /// <param name="steps">Most draft steps while the pass waits for one layer.</param>
    public static GroupedSchedule Interleave(ScheduleSettings settings, double promptShare, int steps) =>
        new("interleave", settings, 2, promptShare, StepGrants.BeforeEachLayer(steps));

    public ScheduleState Start(PassId pass, RoundId round) => new GroupedState([], [], [], [], false, false, pass, round, default);

    public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
    {
        var now = (GroupedState)state;
        var commands = ImmutableArray.CreateBuilder<ScheduleCommand>();
        now = happened switch
        {
            ScheduleEvent.SequenceReady e => now with { Waiting = now.Waiting.Add(e.Progress) },
            ScheduleEvent.SequenceGone e => now.Without(e.Sequence),
            ScheduleEvent.TreesDrafted e when e.Round == now.Round && now.RoundIsOpen => now.EndRound(),
            ScheduleEvent.PassVerified e when e.Pass == now.Pass && now.PassIsOpen => now.EndPass(e.Going),
            _ => now,
        };
        return (GoOn(now, commands), commands.ToImmutable());
    }

    private GroupedState GoOn(GroupedState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (!state.RoundIsOpen && !state.PassIsOpen)
        {
            // One group drafts before its pass; of two, one drafts inside the other's pass, unless there is no other yet.
            bool draftsFirst = _groups == 1 ? state.Drafted.IsEmpty : !state.HasWorkForPass;
            if (draftsFirst) state = StartRound(state, StepGrants.Unlimited, commands);
            if (!state.RoundIsOpen) state = StartPass(state, commands);
        }
        bool draftsInside = _groups > 1 && state.PassIsOpen && !state.RoundIsOpen;
        return draftsInside ? StartRound(state, _insidePass, commands) : state;
    }

    private GroupedState StartRound(GroupedState state, StepGrants grants, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        int rows = _settings.PassRows - Math.Min(Math.Min(_promptReserve, _settings.ChunkRows), state.PromptRowsLeft) - state.Drafted.Sum(m => m.Shape.MaxNodes);
        SequenceProgress[] turn = [.. state.Ready.Take(Math.Min(rows, GroupSize(state) - state.Drafted.Count))];
        if (turn.Length == 0) return state;

        ImmutableArray<GroupMember> members = RowShares.Trees(turn, rows, _settings);
        GroupMember[] drafting = [.. members.Where(m => m.Shape.Depth > 0)];
        state = state with
        {
            Waiting = state.Waiting.RemoveRange(turn),
            Drafting = [.. drafting],
            Drafted = state.Drafted.AddRange(members.Where(m => m.Shape.Depth == 0)),
        };
        if (drafting.Length == 0) return state;
        if (!state.PassIsOpen) state = state with { Lead = state.Lead.RunTo(state.Pass, commands) };
        commands.Add(new ScheduleCommand.StartDraft(state.Round, [.. drafting.Select(m => new DraftOrder(m.Sequence, m.Shape))], grants));
        return state with { RoundIsOpen = true };
    }

    private GroupedState StartPass(GroupedState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (!state.HasWorkForPass) return state;
        int left = _settings.PassRows - state.Drafted.Sum(m => m.Shape.MaxNodes);
        ImmutableArray<PassOrder> chunks = RowShares.Chunks(state.Prompts, Math.Min(left, _settings.ChunkRows));
        // Chunks come from the front of the prompts, in their order.
        SequenceProgress[] prompts = [.. state.Prompts.Take(chunks.Length)];
        commands.Add(new ScheduleCommand.StartPass(
            state.Pass, [.. state.Drafted.Select(m => new PassOrder(m.Sequence, PromptRows: 0)), .. chunks], StepGrants.None));
        state = state with
        {
            PassIsOpen = true,
            Waiting = state.Waiting.RemoveRange(prompts),
            Verifying = [.. state.Drafted.Select(m => m.Progress), .. prompts.Zip(chunks, (p, c) => p with { PromptLeft = p.PromptLeft - c.PromptRows })],
            Drafted = [],
            Lead = state.Lead.Begin(state.Pass),
        };
        return state.NeedsAnotherPass ? state with { Lead = state.Lead.RunTo(state.Pass.Next, commands) } : state;
    }

    /// <summary>Most sequences of a group: all of them, or half, so that groups stay balanced while sequences come and go.</summary>
    private int GroupSize(GroupedState state)
    {
        if (_groups == 1) return int.MaxValue;
        int running = state.Ready.Count() + state.Drafted.Count + state.Verifying.Count(s => s.PromptLeft == 0);
        return (running + 1) / 2;
    }
}
