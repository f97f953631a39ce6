using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Schedules;

/// <summary>
/// Trees of all ready sequences and waiting prompt chunks go into one pass, and while it streams, draft steps grow the trees on below
/// what is verified (SubSpec v2, ShadowSpec), and the first trees below prompts that end in it. After the pass each tree is re-rooted at its bonus
/// token: on a hit it has a beginning, on a miss it is drafted anew, all of them in the same walks. The ring runs ahead from pass to pass. As <c>draft-ahead</c> it drafts
/// all that the shape allows; as <c>adaptive</c> what pays by the times measured so far.
/// </summary>
public sealed class AheadSchedule : ISchedule
{
    private readonly ScheduleSettings _settings;
    private readonly int _promptReserve;
    private readonly Func<RoundCosts, int, RoundTerms> _terms;

    private AheadSchedule(string name, ScheduleSettings settings, double promptShare, Func<RoundCosts, int, RoundTerms> terms) =>
        (Name, _settings, _promptReserve, _terms) = (name, settings, Math.Max(1, (int)(promptShare * settings.PassRows)), terms);

    public string Name { get; }

    /// <summary>Drafts ahead as far as the shape allows.</summary>
    /// <param name="promptShare">Share of a pass's rows kept for prompts while some wait.</param>
    /// <param name="steps">Most draft steps while the pass waits for one layer.</param>
    public static AheadSchedule DraftAhead(ScheduleSettings settings, double promptShare, int steps) =>
        new("draft-ahead", settings, promptShare, (_, _) => RoundTerms.Fixed(steps, settings.Shape.Width));

    /// <summary>Drafts what pays.</summary>
    /// <param name="promptShare">Share of a pass's rows kept for prompts while some wait.</param>
    public static AheadSchedule Adaptive(ScheduleSettings settings, double promptShare) =>
        new("adaptive", settings, promptShare, (costs, sequences) => AdaptiveTerms.For(costs, sequences, settings.Shape.Width));

    public ScheduleState Start(PassId pass, RoundId round) => new AheadState([], [], [], [], pass, round, default, RoundCosts.Unknown);

    public ScheduleState Resume(ScheduleState earlier, PassId pass, RoundId round) =>
        new AheadState([], [], [], [], pass, round, default, (earlier as AheadState)?.Costs ?? RoundCosts.Unknown);

    public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
    {
        var now = (AheadState)state;
        var commands = ImmutableArray.CreateBuilder<ScheduleCommand>();
        now = happened switch
        {
            ScheduleEvent.SequenceReady e => now with { Waiting = now.Waiting.Add(e.Progress) },
            ScheduleEvent.SequenceGone e => now.Without(e.Sequence),
            ScheduleEvent.TreesDrafted e when e.Round == now.Round && now.RoundIsOpen => now.EndRound(e),
            ScheduleEvent.PassVerified e when e.Pass == now.Pass && now.PassIsOpen => now.EndPass(e),
            _ => now,
        };
        if (!now.RoundIsOpen && !now.PassIsOpen) now = GoOn(now, commands);
        return (now, commands.ToImmutable());
    }

    public ImmutableSortedDictionary<string, double> Explain(ScheduleState state)
    {
        var now = (AheadState)state;
        var figures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        if (now.Terms is not { } terms) return figures.ToImmutable();
        figures["tokens_per_second"] = now.Costs.TokensPerSecond;
        figures["draft_step_seconds"] = now.Costs.Draft.At(_settings.Shape.Width);
        figures["verify_row_seconds"] = now.Costs.Verify.Slope;
        figures["stream_seconds"] = now.Costs.StreamSeconds;
        figures["step_price"] = terms.Prices.Step;
        figures["step_row_price"] = terms.Prices.StepRow;
        figures["row_price"] = terms.Prices.Row;
        figures["free_rows"] = terms.Prices.FreeRows;
        figures["looks_ahead"] = terms.LooksAhead ? 1 : 0;
        return figures.ToImmutable();
    }

    // Between a round and a pass: sequences that have no tree get one first, then all trees go into a pass.
    private AheadState GoOn(AheadState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        SequenceProgress[] turn = [.. state.Ready.Take(Math.Max(0, RowsFor(state) - state.Drafted.Sum(m => m.Shape.MaxNodes)))];
        if (turn.Length > 0) state = Draft(state, turn, commands);
        return state.RoundIsOpen ? state : Verify(state, commands);
    }

    /// <summary>Rows of the next pass that trees may take.</summary>
    private int RowsFor(AheadState state) => _settings.PassRows - Math.Min(Math.Min(_promptReserve, _settings.ChunkRows), state.PromptRowsLeft);

    private AheadState Draft(AheadState state, SequenceProgress[] turn, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        RoundTerms terms = _terms(state.Costs, state.Drafted.Count + turn.Length);
        ImmutableArray<GroupMember> members = RowShares.Trees(turn, RowsFor(state) - state.Drafted.Sum(m => m.Shape.MaxNodes), _settings);
        GroupMember[] drafting = [.. members.Where(m => m.Shape.Depth > 0).Select(m => m.On(terms))];
        state = state with
        {
            Waiting = state.Waiting.RemoveRange(turn),
            Drafted = state.Drafted.AddRange(members.Where(m => m.Shape.Depth == 0)),
            Terms = terms,
        };
        if (drafting.Length == 0) return state;
        return Start(state with { Lead = state.Lead.RunTo(state.Pass, commands) }, drafting, StepGrants.Unlimited, continues: false, commands);
    }

    private AheadState Verify(AheadState state, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        if (state.Drafted.IsEmpty && !state.Prompts.Any()) return state;
        ImmutableArray<PassOrder> chunks = RowShares.Chunks(state.Prompts, Math.Min(_settings.PassRows - state.Drafted.Sum(m => m.Shape.MaxNodes), _settings.ChunkRows));
        // Chunks come from the front of the prompts, in their order.
        SequenceProgress[] prompts = [.. state.Prompts.Take(chunks.Length)];
        ImmutableList<GroupMember> verified = state.Drafted;
        state = state with
        {
            PassIsOpen = true,
            Waiting = state.Waiting.RemoveRange(prompts),
            Verifying = [.. verified.Select(m => m.Progress), .. prompts.Zip(chunks, (p, c) => p with { PromptLeft = p.PromptLeft - c.PromptRows })],
            OnlyTrees = prompts.Length == 0 && verified.TrueForAll(m => m.Shape.Depth > 0),
            Drafted = [],
            Lead = state.Lead.Begin(state.Pass),
        };
        SequenceProgress[] read = [.. prompts.Zip(chunks, (p, c) => (Prompt: p, c.PromptRows)).Where(c => c.PromptRows == c.Prompt.PromptLeft && c.PromptRows <= _settings.Shape.MaxNodes).Select(c => c.Prompt)];
        RoundTerms terms = _terms(state.Costs, Math.Max(1, verified.Count + read.Length));
        GroupMember[] continuing = terms.LooksAhead ? Continuing(state, [.. verified.Where(m => m.LooksAhead).Select(m => m.Progress), .. read]) : [];
        StepGrants grants = continuing.Length > 0 ? terms.Grants : StepGrants.None;
        commands.Add(new ScheduleCommand.StartPass(state.Pass, [.. verified.Select(m => new PassOrder(m.Sequence, PromptRows: 0)), .. chunks], grants));
        if (continuing.Length > 0)
        {
            state = Start(state with { Terms = terms }, [.. continuing.Select(m => m.On(terms))], grants, continues: true, commands);
        }
        return state.NeedsAnotherPass ? state with { Lead = state.Lead.RunTo(state.Pass.Next, commands) } : state;
    }

    /// <summary>The sequences of the open pass whose trees grow on, with what the next pass has room for; none where not everybody would have room in it.</summary>
    /// <param name="able">Those whose trees may grow on.</param>
    private GroupMember[] Continuing(AheadState state, IEnumerable<SequenceProgress> able)
    {
        SequenceProgress[] next = [.. state.Verifying.Where(s => s.PromptLeft == 0 && s.TokensLeft > 1).Select(s => s with { TokensLeft = s.TokensLeft - 1 }), .. state.Ready];
        int rows = RowsFor(state);
        if (next.Length > rows) return [];
        var shares = RowShares.Trees(next, rows, _settings).ToDictionary(m => m.Sequence);
        return [.. able.Where(s => shares.TryGetValue(s.Sequence, out GroupMember? share) && share.Shape.Depth > 0).Select(s => new GroupMember(s, shares[s.Sequence].Shape))];
    }

    private static AheadState Start(
        AheadState state, GroupMember[] members, StepGrants grants, bool continues, ImmutableArray<ScheduleCommand>.Builder commands)
    {
        ImmutableArray<DraftOrder> orders = [.. members.Select(m => new DraftOrder(m.Sequence, m.Shape) { LooksAhead = m.LooksAhead, Continues = continues })];
        commands.Add(new ScheduleCommand.StartDraft(state.Round, orders, grants));
        return state with { Drafting = [.. members], RoundIsOpen = true };
    }
}
