using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// <c>draft-ahead</c> (SubSpec v2, ShadowSpec): while a pass streams, draft steps grow the tree on below what it verifies. After the
/// pass the tree is re-rooted at the bonus token: on a hit the next pass can begin at once or after a few steps, on a miss the round
/// drafts anew. The ring runs ahead as in <c>prefetch</c>. One sequence drafts ahead at a time, and only while no other waits: the
/// next pass is the others' then.
/// </summary>
public sealed class AheadSchedule : ISchedule
{
    private readonly ScheduleSettings _settings;
    private readonly StepGrants _grants;

    /// <param name="steps">Most draft steps while the pass waits for one layer.</param>
    public AheadSchedule(ScheduleSettings settings, int steps) => (_settings, _grants) = (settings, StepGrants.BeforeEachLayer(steps));

    /// <summary>Its name in the catalog.</summary>
    public const string ScheduleName = "draft-ahead";

    public string Name => ScheduleName;

    public ScheduleState Start(PassId pass, RoundId round) => new AheadState([], null, pass, round, default);

    public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
    {
        var ahead = (AheadState)state;
        var commands = ImmutableArray.CreateBuilder<ScheduleCommand>();
        ahead = happened switch
        {
            ScheduleEvent.SequenceReady e => ahead with { Waiting = ahead.Waiting.Add(e.Progress) },
            ScheduleEvent.SequenceGone e => Without(ahead, e.Sequence),
            ScheduleEvent.TreesDrafted e when ahead.Drafts && e.Round == ahead.Round => AfterDraft(ahead, commands),
            ScheduleEvent.PassVerified e when ahead.Verifies && e.Pass == ahead.Pass => AfterPass(ahead, e),
            _ => ahead,
        };
        if (!ahead.Drafts && !ahead.Verifies) ahead = TakeTurn(ahead, commands);
        return (ahead, commands.ToImmutable());
    }

    private static AheadState Without(AheadState state, SequenceId gone) => state with
    {
        Waiting = state.Waiting.RemoveAll(w => w.Sequence == gone),
        Active = state.Active?.Sequence == gone ? null : state.Active,
    };

    private AheadState AfterDraft(AheadState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        state = state with { Round = state.Round.Next, Drafts = false };
        // A round that ends inside its pass belonged to a sequence that has gone.
        return state.Active is null || state.Verifies ? state : StartPass(state, promptRows: 0, drafted: true, commands);
    }

    private static AheadState AfterPass(AheadState state, ScheduleEvent.PassVerified e)
    {
        state = state with { Pass = state.Pass.Next, Verifies = false };
        SequenceProgress? going = state.Active is { } active ? e.Going.FirstOrDefault(p => p.Sequence == active.Sequence) : null;
        // While its round goes on, the turn stays with the sequence.
        return state.Drafts
            ? state with { Active = going }
            : state with { Active = null, Waiting = going is null ? state.Waiting : state.Waiting.Add(going) };
    }

    private AheadState TakeTurn(AheadState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (state.Waiting.IsEmpty) return state with { Active = null };
        SequenceProgress active = state.Waiting[0];
        state = state with { Active = active, Waiting = state.Waiting.RemoveAt(0) };
        if (active.PromptLeft > 0) return StartPass(state, Math.Min(active.PromptLeft, _settings.ChunkRows), drafted: false, commands);
        DraftShape shape = _settings.ShapeFor(active.TokensLeft);
        if (shape.Depth == 0) return StartPass(state, promptRows: 0, drafted: false, commands);

        state = state with { Lead = state.Lead.RunTo(state.Pass, commands) };
        return StartDraft(state, new DraftOrder(active.Sequence, shape) { LooksAhead = true }, StepGrants.Unlimited, commands);
    }

    private AheadState StartPass(AheadState state, int promptRows, bool drafted, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        SequenceProgress active = state.Active!;
        DraftShape next = _settings.ShapeFor(active.TokensLeft - 1);
        bool ahead = drafted && state.Waiting.IsEmpty && next.Depth > 0;
        commands.Add(new ScheduleCommand.StartPass(state.Pass, [new PassOrder(active.Sequence, promptRows)], ahead ? _grants : StepGrants.None));
        state = state with { Verifies = true, Lead = state.Lead.Begin(state.Pass) };
        if (ahead) state = StartDraft(state, new DraftOrder(active.Sequence, next) { LooksAhead = true, Continues = true }, _grants, commands);

        // A sequence may end early by itself; what the ring then holds serves the next one.
        bool another = !state.Waiting.IsEmpty || promptRows < active.PromptLeft || active.TokensLeft > 1;
        return another ? state with { Lead = state.Lead.RunTo(state.Pass.Next, commands) } : state;
    }

    private static AheadState StartDraft(AheadState state, DraftOrder order, StepGrants grants, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        commands.Add(new ScheduleCommand.StartDraft(state.Round, [order], grants));
        return state with { Drafts = true };
    }
}
