using System.Collections.Immutable;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class AdaptiveTermsTests
{
    [Fact]
    public void Before_anything_is_measured_drafting_costs_nothing()
    {
        RoundTerms terms = AdaptiveTerms.For(RoundCosts.Unknown, sequences: 1, width: 2);
        Assert.Equal(default, terms.Prices);
        Assert.True(terms.LooksAhead);
    }

    [Fact]
    public void No_tree_is_deeper_than_a_chain_would_best_be()
    {
        int Depth(double stream, double step) =>
            AdaptiveTerms.For(Measured(tokens: 25, cycle: 3, stream, verify: rows => 0.1 + 0.008 * rows, draft: rows => step + 0.005 * rows), 1, 2).Depth;
        // By hand for the first: 25 (1 - 0.96^(d + 1)) tokens in 0.025 d + 2.3 s, less the ring's lead.
        Assert.InRange(Depth(stream: 2.3, step: 0.02), 36, 46);
        Assert.True(Depth(stream: 1, step: 0.02) < Depth(stream: 2.3, step: 0.02));
        Assert.True(Depth(stream: 2.3, step: 0.1) < Depth(stream: 2.3, step: 0.02));
        // Hopeless or not: who drafts nothing learns nothing.
        Assert.InRange(AdaptiveTerms.For(Measured(tokens: 1, cycle: 1, stream: 0, verify: _ => 0.1, draft: _ => 9), 1, 2).Depth, 1, 4);
    }

    [Fact]
    public void What_was_learned_is_known_when_the_schedule_comes_back()
    {
        var schedule = AheadSchedule.Adaptive(new ScheduleSettings(new DraftShape(8, 2, 0, 17), 64), promptShare: 0.25);
        RoundCosts costs = Measured(tokens: 25, cycle: 3, stream: 2, verify: rows => 0.1 + 0.008 * rows, draft: rows => 0.02 + 0.005 * rows);
        ScheduleState earlier = new AheadState([], [], [], [], new PassId(9), new RoundId(9), default, costs);

        var back = Assert.IsType<AheadState>(schedule.Resume(earlier, new PassId(12), new RoundId(20)));

        Assert.Equal((new PassId(12), new RoundId(20), costs), (back.Pass, back.Round, back.Costs));
        Assert.Empty(back.Waiting.Concat(back.Verifying));
        Assert.Same(RoundCosts.Unknown, Assert.IsType<AheadState>(schedule.Resume(new Other(), new PassId(1), new RoundId(1))).Costs);
    }

    private sealed record Other : ScheduleState;

    [Theory]
    [InlineData(1, 2, DraftShape.AheadRows)]
    [InlineData(1, 6, 6)]
    [InlineData(2, 1, 2)]
    [InlineData(8, 2, 2)]
    public void A_sequence_alone_looks_ahead_at_more_endings_than_one_of_many(int sequences, int width, int expected)
    {
        RoundCosts costs = Measured(tokens: 40, cycle: 4, stream: 3, verify: rows => 0.2 + 0.001 * rows, draft: rows => 0.02 + 0.005 * rows);
        RoundTerms terms = AdaptiveTerms.For(costs, sequences, width);
        var member = new GroupMember(new SequenceProgress(new SequenceId(1), 0, 100), new DraftShape(16, width, 0, 64));
        Assert.Equal(expected, member.On(terms).Shape.AheadWidth);
    }

    [Fact]
    public void After_the_prompt_alone_a_usual_round_is_assumed()
    {
        var prefill = new ScheduleEvent.PassVerified(new PassId(1), []) { Times = new PassTimes(new WorkTime(40, 0.8), 2, 20, 2.1, 1) };
        RoundTerms terms = AdaptiveTerms.For(RoundCosts.Unknown.With(prefill, trees: 0), 1, 2);
        Assert.InRange(terms.Prices.Step, 0.05, 0.9);
        Assert.InRange(terms.Prices.FreeRows, 60, 140);
        Assert.True(terms.LooksAhead);
        // How deep a tree would best be is not known before one was verified.
        Assert.Equal(int.MaxValue, terms.Depth);
    }

    [Fact]
    public void Steps_and_rows_cost_the_tokens_that_their_seconds_are_worth()
    {
        RoundCosts costs = Measured(tokens: 40, cycle: 2, stream: 0, verify: rows => 0.2 + 0.01 * rows, draft: rows => 0.02 + 0.005 * rows);
        Assert.Equal(20, costs.TokensPerSecond, 0.001);
        DraftPrices prices = AdaptiveTerms.For(costs, 1, 2).Prices;
        Assert.Equal((20 * 0.02, 20 * 0.005, 20 * 0.01), (prices.Step, prices.StepRow, prices.Row), Near);
    }

    [Fact]
    public void A_second_is_worth_more_where_more_sequences_share_it_than_were_measured_though_not_more_than_a_usual_round_brings()
    {
        RoundCosts costs = Measured(tokens: 40, cycle: 2, stream: 0, verify: rows => 0.2 + 0.01 * rows, draft: rows => 0.02 + 0.005 * rows);
        double alone = AdaptiveTerms.For(costs, 1, 2).Prices.Row, four = AdaptiveTerms.For(costs, 4, 2).Prices.Row;
        // 4 x 12 tokens for 96 rows.
        Assert.Equal(alone * 48 / 1.16 / 20, four, 0.01);
    }

    [Fact]
    public void Rows_are_free_as_long_as_the_link_takes_longer_and_cost_their_seconds_beyond()
    {
        RoundCosts costs = Measured(tokens: 40, cycle: 2, stream: 1.2, verify: rows => 0.2 + 0.01 * rows, draft: rows => 0.02 + 0.005 * rows);
        RoundTerms alone = AdaptiveTerms.For(costs, 1, 2), four = AdaptiveTerms.For(costs, 4, 2);
        // A round of those four steps takes 0.155 s of the second that the pass leaves.
        Assert.InRange(alone.Prices.FreeRows, 80, 89);
        Assert.InRange(four.Prices.FreeRows, 20, 23);
    }

    [Fact]
    public void It_looks_ahead_only_where_passes_leave_time_for_it()
    {
        RoundCosts slow = Measured(tokens: 20, cycle: 2, stream: 2, verify: rows => 0.2 + 0.01 * rows, draft: _ => 0.02);
        RoundTerms idle = AdaptiveTerms.For(slow, 1, 2);
        Assert.True(idle.LooksAhead);
        // 20 layers and at least 60 steps of idle time.
        Assert.True(idle.Grants.StepsBefore(7) >= 3);

        RoundCosts fast = Measured(tokens: 20, cycle: 2, stream: 0.1, verify: rows => 0.2 + 0.01 * rows, draft: _ => 0.02);
        Assert.False(AdaptiveTerms.For(fast, 1, 2).LooksAhead);
        Assert.Equal(0, AdaptiveTerms.For(fast, 1, 2).Prices.FreeRows);
    }

    [Fact]
    public void Where_fewer_steps_fit_than_layers_are_waited_for_they_are_spread_evenly()
    {
        RoundCosts costs = Measured(tokens: 20, cycle: 1, stream: 1, verify: _ => 0.8, draft: _ => 0.04);
        RoundTerms terms = AdaptiveTerms.For(costs, 1, 2);
        int[] steps = [.. Enumerable.Range(0, 20).Select(terms.Grants.StepsBefore)];
        Assert.InRange(steps.Sum(), 4, 5);
        Assert.True(steps.Max() == 1 && steps[..10].Sum() >= 2 && steps[10..].Sum() >= 2);
    }

    private static bool Near((double, double, double) a, (double, double, double) b) =>
        Math.Abs(a.Item1 - b.Item1) < 0.01 && Math.Abs(a.Item2 - b.Item2) < 0.01 && Math.Abs(a.Item3 - b.Item3) < 0.01;

    private static RoundCosts Measured(int tokens, double cycle, double stream, Func<int, double> verify, Func<int, double> draft)
    {
        RoundCosts costs = RoundCosts.Unknown;
        for (int i = 0; i < 30; i++)
        {
            int rows = 20 + i % 3 * 20;
            ImmutableArray<WorkTime> steps = [.. new[] { 1, 2, 4, 8 }.Select(r => new WorkTime(r, draft(r)))];
            costs = costs.With(new ScheduleEvent.TreesDrafted(new RoundId(i), []) { Steps = steps });
            costs = costs.With(new ScheduleEvent.PassVerified(new PassId(i), []) { Times = new PassTimes(new WorkTime(rows, verify(rows)), stream, 20, cycle, tokens) { WrongChoices = 1 } }, trees: 1);
        }
        return costs;
    }
}
