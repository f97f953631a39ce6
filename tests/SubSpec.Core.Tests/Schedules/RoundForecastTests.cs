using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

public class RoundForecastTests
{
    [Fact]
    public void A_round_takes_its_drafting_and_then_the_longer_of_verifying_and_what_the_ring_is_not_ahead()
    {
        // 10 layers in 2 s, 3 slots: 0.6 s can be read while trees are drafted. Ten tokens a round: each holds with about 0.9.
        RoundCosts costs = Measured(stream: 2, slots: 3, tokens: 10);
        Assert.Equal(0.6, costs.LeadSeconds, 1e-9);
        Assert.InRange(costs.TokensPerRound, 10, 11);
        double holds = 1 - 1 / costs.TokensPerRound;
        double best = Enumerable.Range(0, 65).Max(d => (1 - Math.Pow(holds, d + 1)) / (1 - holds) / (0.03 * d + Math.Max(0.01 * (d + 1), 2 - Math.Min(0.03 * d, 0.6))));
        Assert.Equal(best, RoundForecast.TokensPerSecond(costs, costs.Draft, 1), 0.02);
    }

    [Fact]
    public void A_tree_that_was_accepted_to_its_end_says_that_it_might_have_been_deeper()
    {
        // 10 tokens a round, and none of the walks found the draft wrong.
        RoundCosts costs = Measured(stream: 2, slots: 3, tokens: 10, wrong: 0);
        Assert.True(costs.TokensPerRound > 50);
        Assert.True(RoundForecast.BestDepth(costs, costs.Draft, 1, looksAhead: false) > 40);
        // Who looks ahead gains by trees that are accepted to their ends.
        RoundCosts usual = Measured(stream: 2, slots: 3, tokens: 25);
        Assert.True(RoundForecast.BestDepth(usual, usual.Draft, 1, looksAhead: true) < RoundForecast.BestDepth(usual, usual.Draft, 1, looksAhead: false));
        Assert.InRange(RoundForecast.BestDepth(Measured(stream: 2, slots: 3, tokens: 2), costs.Draft, 1, looksAhead: false), 1, 20); // twenty steps hide behind the ring's lead
    }

    [Fact]
    public void More_sequences_share_the_stream_until_their_rows_take_longer()
    {
        RoundCosts costs = Measured(stream: 2, slots: 3, tokens: 10);
        double one = RoundForecast.TokensPerSecond(costs, costs.Draft, 1), two = RoundForecast.TokensPerSecond(costs, costs.Draft, 2);
        double many = RoundForecast.TokensPerSecond(costs, costs.Draft, 64), twice = RoundForecast.TokensPerSecond(costs, costs.Draft, 128);
        Assert.InRange(two / one, 1.8, 2.01);
        Assert.InRange(twice / many, 0.99, 1.2);
    }

    [Fact]
    public void A_ring_that_holds_all_layers_hides_all_of_their_reading()
    {
        Assert.Equal(2, Measured(stream: 2, slots: 16, tokens: 10).LeadSeconds, 1e-9);
        Assert.Equal(0, Measured(stream: 0, slots: 0, tokens: 10).LeadSeconds, 1e-9);
    }

    // Steps of 0.03 s whatever their rows; passes of 0.01 s a row.
    private static RoundCosts Measured(double stream, int slots, int tokens, int wrong = 1)
    {
        RoundCosts costs = RoundCosts.Unknown;
        for (int i = 0; i < 40; i++)
        {
            costs = costs.With(new ScheduleEvent.TreesDrafted(new RoundId(i), []) { Steps = [new WorkTime(1, 0.03), new WorkTime(100, 0.03)] });
            int rows = 10 + i % 4 * 20;
            var times = new PassTimes(new WorkTime(rows, 0.01 * rows), stream, 10, 2.5, tokens) { RingSlots = slots, WrongChoices = wrong };
            costs = costs.With(new ScheduleEvent.PassVerified(new PassId(i), []) { Times = times }, trees: 1);
        }
        return costs;
    }
}
