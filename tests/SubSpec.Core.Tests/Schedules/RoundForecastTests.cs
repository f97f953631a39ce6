using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

public class RoundForecastTests
{
    [Fact]
    public void A_round_takes_its_drafting_and_then_the_longer_of_verifying_and_what_the_ring_is_not_ahead()
    {
        // 10 layers in 2 s, 3 slots: 0.6 s can be read while trees are drafted. Ten tokens a round: each holds with 0.9.
        RoundCosts costs = Measured(stream: 2, slots: 3, tokens: 10);
        Assert.Equal(0.6, costs.LeadSeconds, 1e-9);
        Assert.Equal(10, costs.TokensPerRound, 1e-9);
        double best = Enumerable.Range(0, 65).Max(d => 10 * (1 - Math.Pow(0.9, d + 1)) / (0.03 * d + Math.Max(0.01 * (d + 1), 2 - Math.Min(0.03 * d, 0.6))));
        Assert.Equal(best, RoundForecast.TokensPerSecond(costs, costs.Draft, 1), 0.02);
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
    private static RoundCosts Measured(double stream, int slots, int tokens)
    {
        RoundCosts costs = RoundCosts.Unknown;
        for (int i = 0; i < 40; i++)
        {
            costs = costs.With(new ScheduleEvent.TreesDrafted(new RoundId(i), []) { Steps = [new WorkTime(1, 0.03), new WorkTime(100, 0.03)] });
            int rows = 10 + i % 4 * 20;
            var times = new PassTimes(new WorkTime(rows, 0.01 * rows), stream, 10, 2.5, tokens) { RingSlots = slots };
            costs = costs.With(new ScheduleEvent.PassVerified(new PassId(i), []) { Times = times }, trees: 1);
        }
        return costs;
    }
}
