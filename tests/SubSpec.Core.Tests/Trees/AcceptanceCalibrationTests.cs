using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class AcceptanceCalibrationTests
{
    [Fact]
    public void Before_any_round_a_wide_margin_is_nearly_certain_and_a_tie_is_a_toss_up()
    {
        var calibration = new AcceptanceCalibration();
        Assert.InRange(calibration.Probability(0, 0), 0.4, 0.65);
        Assert.InRange(calibration.Probability(0, 20), 0.99, 1);
        double[] byMargin = [.. Enumerable.Range(0, 100).Select(i => calibration.Probability(0, i * 0.1))];
        Assert.Equal(byMargin.Order(), byMargin);
        double[] byRank = [.. Enumerable.Range(0, 8).Select(rank => calibration.Probability(rank, 0.3))];
        Assert.Equal(byRank.OrderDescending(), byRank);
        Assert.True(byRank.Sum() <= 1);
    }

    [Theory]
    [InlineData(0, 0.2, 0.9)]
    [InlineData(0, 3.0, 0.2)]
    [InlineData(1, 0.2, 0.05)]
    [InlineData(7, 0.0, 0.5)]
    public void What_is_observed_is_learned_within_some_dozens_of_rounds(int rank, double margin, double truth)
    {
        var calibration = new AcceptanceCalibration();
        var random = new Random(31);
        for (int i = 0; i < 100; i++) calibration.Observe(rank, margin, random.NextDouble() < truth);
        Assert.InRange(calibration.Probability(rank, margin), truth - 0.12, truth + 0.12);
    }

    [Fact]
    public void Other_ranks_and_margins_are_left_alone()
    {
        var calibration = new AcceptanceCalibration();
        var untouched = new AcceptanceCalibration();
        for (int i = 0; i < 100; i++) calibration.Observe(1, 0.5, true);
        Assert.Equal(untouched.Probability(0, 0.5), calibration.Probability(0, 0.5));
        Assert.Equal(untouched.Probability(1, 5), calibration.Probability(1, 5));
        Assert.InRange(calibration.Probability(1, 0.5), 0.9, 1);
    }

    [Fact]
    public void Old_rounds_fade_so_that_a_change_is_followed()
    {
        var calibration = new AcceptanceCalibration();
        for (int i = 0; i < 20_000; i++) calibration.Observe(0, 1, true);
        for (int i = 0; i < 2_000; i++) calibration.Observe(0, 1, false);
        Assert.InRange(calibration.Probability(0, 1), 0, 0.2);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    [InlineData(double.MaxValue)]
    [InlineData(double.PositiveInfinity)]
    public void Any_rank_and_margin_has_a_probability(double margin)
    {
        var calibration = new AcceptanceCalibration();
        calibration.Observe(1000, margin, true);
        for (int rank = 0; rank < 20; rank++) Assert.InRange(calibration.Probability(rank, margin), 0, 1);
    }
}
