using SubSpec.Core.Schedules;

namespace SubSpec.Core.Tests.Schedules;

public class LineFitTests
{
    [Fact]
    public void A_line_is_found_through_its_measurements()
    {
        LineFit fit = default;
        Assert.Equal(0, fit.At(5));
        foreach (int rows in Enumerable.Range(0, 60).Select(i => 1 + i % 8)) fit = fit.Add(new WorkTime(rows, 0.1 + 0.02 * rows));
        Assert.Equal(0.02, fit.Slope, 0.001);
        Assert.Equal(0.1 + 0.02 * 16, fit.At(16), 0.01);
    }

    [Fact]
    public void Where_rows_never_change_a_tenth_of_the_mean_is_taken_for_a_row()
    {
        LineFit fit = default;
        for (int i = 0; i < 20; i++) fit = fit.Add(new WorkTime(1, 0.5));
        Assert.Equal(0.5, fit.At(1), 0.0001);
        Assert.Equal(0.05, fit.Slope, 0.0001);
    }

    [Fact]
    public void What_was_measured_long_ago_fades()
    {
        LineFit fit = default;
        for (int i = 0; i < 50; i++) fit = fit.Add(new WorkTime(2, 1));
        for (int i = 0; i < 300; i++) fit = fit.Add(new WorkTime(2, 0.25));
        Assert.Equal(0.25, fit.At(2), 0.01);
    }

    [Fact]
    public void More_rows_never_take_less_time()
    {
        LineFit fit = default;
        for (int i = 0; i < 20; i++) fit = fit.Add(new WorkTime(1 + i % 4, 1 - 0.1 * (i % 4)));
        Assert.Equal(0, fit.Slope);
        Assert.True(fit.At(100) >= 0);
    }
}
