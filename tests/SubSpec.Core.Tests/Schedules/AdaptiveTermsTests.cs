using System.Collections.Immutable;
using SubSpec.Core.Schedules;

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
    public void A_step_costs_the_tokens_that_its_seconds_are_worth_shared_by_its_sequences()
    {
        // 20 tokens a second; a step of 2 rows takes 30 ms, one of 8 rows 60 ms.
        RoundCosts costs = Measured(tokens: 40, cycle: 2, stream: 2, verify: rows => 0.2 + 0.005 * rows, draft: rows => 0.02 + 0.005 * rows);
        Assert.Equal(20, costs.TokensPerSecond, 0.001);
        Assert.Equal(20 * 0.03, AdaptiveTerms.For(costs, 1, 2).Prices.Step, 0.01);
        Assert.Equal(20 * 0.06 / 4, AdaptiveTerms.For(costs, 4, 2).Prices.Step, 0.01);
    }

    [Fact]
    public void Rows_are_free_as_long_as_the_link_takes_longer_and_cost_their_seconds_beyond()
    {
        RoundCosts costs = Measured(tokens: 40, cycle: 2, stream: 1.2, verify: rows => 0.2 + 0.01 * rows, draft: rows => 0.02 + 0.005 * rows);
        RoundTerms alone = AdaptiveTerms.For(costs, 1, 2), four = AdaptiveTerms.For(costs, 4, 2);
        Assert.InRange(alone.Prices.FreeRows, 95, 105);
        Assert.InRange(four.Prices.FreeRows, 23, 26);
        Assert.Equal(20 * 0.015, alone.Prices.Row, 0.01);
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

    private static RoundCosts Measured(int tokens, double cycle, double stream, Func<int, double> verify, Func<int, double> draft)
    {
        RoundCosts costs = RoundCosts.Unknown;
        for (int i = 0; i < 30; i++)
        {
            int rows = 20 + i % 3 * 20;
            ImmutableArray<WorkTime> steps = [.. new[] { 1, 2, 4, 8 }.Select(r => new WorkTime(r, draft(r)))];
            costs = costs.With(new ScheduleEvent.TreesDrafted(new RoundId(i), []) { Steps = steps });
            costs = costs.With(new ScheduleEvent.PassVerified(new PassId(i), []) { Times = new PassTimes(new WorkTime(rows, verify(rows)), stream, 20, cycle, tokens) }, decodes: true);
        }
        return costs;
    }
}
