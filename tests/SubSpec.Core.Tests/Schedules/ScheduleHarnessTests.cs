using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

/// <summary>The harness finds what it is there to find: schedules with one mistake each.</summary>
public class ScheduleHarnessTests
{
    private static readonly HarnessRules Rules = new(new ScheduleSettings(new DraftShape(5, 2, 0, 11), 16), Sequences: 6);

    public static TheoryData<string, string> Mistakes => new()
    {
        { "forgets a pass", "stands still" },
        { "starts every pass twice", "second pass" },
        { "drafts twice", "second draft round" },
        { "skips a pass number", "after pass" },
        { "skips a round number", "after round" },
        { "drafts too deep", "tokens deep" },
        { "draws wider trees than allowed", "larger tree" },
        { "takes too many prompt rows", "prompt rows" },
        { "takes the prompt for done", "before its prompt is done" },
        { "overlooks those that have gone", "is over" },
        { "streams for the pass after the next", "run ahead into" },
        { "streams for every pass twice", "told twice" },
        { "orders a sequence twice", "two orders" },
        { "starts empty passes", "without orders" },
        { "drafts the same tree again", "before its tree is verified" },
        { "takes more rows than a pass has", "rows in pass" },
        { "drafts without a grant", "grants of a pass" },
        { "obeys stale events", "stale event" },
        { "prefers one sequence", "has waited" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void A_schedule_with_one_mistake_is_found_out(string mistake, string violation)
    {
        string[] found = [.. Enumerable.Range(0, 40).Select(seed => Violation(Mistaken(mistake), seed)).OfType<string>()];
        Assert.NotEmpty(found);
        Assert.Contains(found, f => f.Contains(violation, StringComparison.Ordinal));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run() =>
        Assert.Equal(ScheduleHarness.Run(Correct(), Rules, 3), ScheduleHarness.Run(Correct(), Rules, 3));

    private static string? Violation(ISchedule schedule, int seed)
    {
        try
        {
            ScheduleHarness.Run(schedule, Rules, seed);
            return null;
        }
        catch (ScheduleViolationException violation)
        {
            return violation.Message;
        }
    }

    private static SerialSchedule Correct() => SerialSchedule.Prefetch(Rules.Settings);

    private static ISchedule Mistaken(string mistake) => mistake switch
    {
        "forgets a pass" => new MistakenSchedule(SerialSchedule.Sequential(Rules.Settings), Passes(p => p.Pass.Value == 4 ? [] : [p])),
        "starts every pass twice" => new MistakenSchedule(Correct(), Passes(p => [p, p])),
        "drafts twice" => new MistakenSchedule(Correct(), Drafts(d => [d, d])),
        "skips a pass number" => new MistakenSchedule(Correct(), Passes(p => [p with { Pass = p.Pass.Next }])),
        "skips a round number" => new MistakenSchedule(Correct(), Drafts(d => [d with { Round = d.Round.Next }])),
        "drafts too deep" => new MistakenSchedule(Correct(), Drafts(d => [d with { Orders = [d.Orders[0] with { Shape = Rules.Settings.Shape }] }])),
        "draws wider trees than allowed" => new MistakenSchedule(
            Correct(), Drafts(d => [d with { Orders = [d.Orders[0] with { Shape = d.Orders[0].Shape with { Width = 3 } }] }])),
        "takes too many prompt rows" => new MistakenSchedule(
            Correct(), Passes(p => [p with { Orders = [p.Orders[0] with { PromptRows = p.Orders[0].PromptRows + 1 }] }])),
        "takes the prompt for done" => new MistakenSchedule(Correct(), Passes(p => [p with { Orders = [p.Orders[0] with { PromptRows = 0 }] }])),
        "overlooks those that have gone" => new MistakenSchedule(Correct(), hears: e => e is not ScheduleEvent.SequenceGone),
        "streams for the pass after the next" => new MistakenSchedule(
            Correct(), c => c is ScheduleCommand.StreamAhead s ? [new ScheduleCommand.StreamAhead(s.Pass.Next)] : [c]),
        "streams for every pass twice" => new MistakenSchedule(Correct(), c => c is ScheduleCommand.StreamAhead ? [c, c] : [c]),
        "orders a sequence twice" => new MistakenSchedule(Correct(), Passes(p => [p with { Orders = [p.Orders[0], p.Orders[0]] }])),
        "starts empty passes" => new MistakenSchedule(Correct(), Passes(p => [p with { Orders = [] }])),
        "drafts the same tree again" => new MistakenSchedule(Correct(), Passes(p => p.Orders[0].PromptRows > 0
            ? [p]
            : [new ScheduleCommand.StartDraft(new RoundId(2), [new DraftOrder(p.Orders[0].Sequence, new DraftShape(1, 1, 0, 2))], StepGrants.Unlimited)])),
        "takes more rows than a pass has" => new MistakenSchedule(
            ScheduleCatalog.BuiltIn.Create("shared", Rules.Settings with { PassRows = 2 * Rules.Settings.PassRows })),
        "drafts without a grant" => new MistakenSchedule(Correct(), Drafts(d => [d with { Grants = StepGrants.None }])),
        "obeys stale events" => new FavouriteSchedule(checksPass: false),
        _ => new FavouriteSchedule(checksPass: true),
    };

    private static Func<ScheduleCommand, ScheduleCommand[]> Passes(Func<ScheduleCommand.StartPass, ScheduleCommand[]> change) =>
        c => c is ScheduleCommand.StartPass p ? change(p) : [c];

    private static Func<ScheduleCommand, ScheduleCommand[]> Drafts(Func<ScheduleCommand.StartDraft, ScheduleCommand[]> change) =>
        c => c is ScheduleCommand.StartDraft d ? change(d) : [c];

    /// <summary>A correct schedule whose commands are changed, or that is deaf to some events.</summary>
    private sealed class MistakenSchedule(
        ISchedule inner,
        Func<ScheduleCommand, ScheduleCommand[]>? change = null,
        Func<ScheduleEvent, bool>? hears = null) : ISchedule
    {
        public string Name => "mistaken";

        public ScheduleState Start(PassId pass, RoundId round) => inner.Start(pass, round);

        public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
        {
            if (hears?.Invoke(happened) == false) return (state, []);
            (state, ImmutableArray<ScheduleCommand> commands) = inner.Next(state, happened);
            return (state, change is null ? commands : [.. commands.SelectMany(change)]);
        }
    }

    /// <summary>Plain decoding that always takes the sequence with the lowest number, to the end: not fair.</summary>
    private sealed class FavouriteSchedule(bool checksPass) : ISchedule
    {
        private sealed record State(ImmutableSortedDictionary<long, SequenceProgress> Live, PassId Pass, bool Running) : ScheduleState;

        public string Name => "favourite";

        public ScheduleState Start(PassId pass, RoundId round) => new State(ImmutableSortedDictionary<long, SequenceProgress>.Empty, pass, false);

        public (ScheduleState State, ImmutableArray<ScheduleCommand> Commands) Next(ScheduleState state, ScheduleEvent happened)
        {
            var now = (State)state;
            now = happened switch
            {
                ScheduleEvent.SequenceReady e => now with { Live = now.Live.Add(e.Progress.Sequence.Value, e.Progress) },
                ScheduleEvent.SequenceGone e => now with { Live = now.Live.Remove(e.Sequence.Value) },
                ScheduleEvent.PassVerified e when !checksPass || e.Pass == now.Pass => now with
                {
                    Live = now.Live.Remove(now.Live.Keys.FirstOrDefault()).SetItems(e.Going.Select(g => KeyValuePair.Create(g.Sequence.Value, g))),
                    Pass = now.Pass.Next,
                    Running = false,
                },
                _ => now,
            };
            if (now.Running || now.Live.IsEmpty) return (now, []);
            SequenceProgress first = now.Live.Values.First();
            var order = new PassOrder(first.Sequence, Math.Min(first.PromptLeft, Rules.Settings.ChunkRows));
            return (now with { Running = true }, [new ScheduleCommand.StartPass(now.Pass, [order], StepGrants.None)]);
        }
    }
}
