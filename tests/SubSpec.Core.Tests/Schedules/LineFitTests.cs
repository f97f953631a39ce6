using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

public class LineFitTests
{
    [Fact]
    public void A_line_is_found_through_its_measurements()
    {
        var fit = new LineFit(0.1);
        Assert.Equal(0, fit.At(5));
        foreach (int rows in Enumerable.Range(0, 60).Select(i => 1 + i % 8)) fit = fit.Add(new WorkTime(rows, 0.1 + 0.02 * rows));
        Assert.Equal(0.02, fit.Slope, 0.001);
        Assert.Equal(0.1 + 0.02 * 16, fit.At(16), 0.01);
    }

    [Fact]
    public void Where_rows_never_change_the_slope_is_the_prior_share_of_the_mean()
    {
        var fit = new LineFit(0.1);
        for (int i = 0; i < 20; i++) fit = fit.Add(new WorkTime(1, 0.5));
        Assert.Equal(0.5, fit.At(1), 0.0001);
        Assert.Equal(0.05, fit.Slope, 0.0001);
    }

    [Fact]
    public void What_was_measured_long_ago_fades()
    {
        var fit = new LineFit(0.1);
        for (int i = 0; i < 50; i++) fit = fit.Add(new WorkTime(2, 1));
        for (int i = 0; i < 300; i++) fit = fit.Add(new WorkTime(2, 0.25));
        Assert.Equal(0.25, fit.At(2), 0.01);
    }

    [Fact]
    public void First_steps_that_are_compiled_while_they_run_are_no_measure_of_the_others()
    {
        var fit = new LineFit(0.1);
        foreach (double seconds in new[] { 0.0135, 0.08, 0.001, 0.001, 0.001 }) fit = fit.Add(new WorkTime(2, seconds));
        Assert.Equal(0.001, fit.At(2), 0.0001);
    }

    [Fact]
    public void An_interruption_counts_little_but_what_stays_slow_is_believed()
    {
        var fit = new LineFit(0.1);
        for (int i = 0; i < 20; i++) fit = fit.Add(new WorkTime(2, 0.001));
        Assert.InRange(fit.Add(new WorkTime(2, 0.1)).At(2), 0.001, 0.0012);
        for (int i = 0; i < 200; i++) fit = fit.Add(new WorkTime(2, 0.1));
        Assert.Equal(0.1, fit.At(2), 0.01);
    }

    [Fact]
    public void Many_rows_may_take_many_times_longer_than_few()
    {
        var fit = new LineFit(0.1);
        for (int i = 0; i < 60; i++) fit = fit.Add(i % 2 == 0 ? new WorkTime(1, 0.01) : new WorkTime(64, 0.2));
        Assert.Equal(0.01, fit.At(1), 0.001);
        Assert.Equal(0.2, fit.At(64), 0.01);
    }

    [Fact]
    public void More_rows_never_take_less_time()
    {
        var fit = new LineFit(0.1);
        for (int i = 0; i < 20; i++) fit = fit.Add(new WorkTime(1 + i % 4, 1 - 0.1 * (i % 4)));
        Assert.Equal(0, fit.Slope);
        Assert.True(fit.At(100) >= 0);
    }
}
