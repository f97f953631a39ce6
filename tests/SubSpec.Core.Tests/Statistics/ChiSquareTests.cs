namespace SubSpec.Core.Tests.Statistics;

/// <summary>The ruler is measured before it measures.</summary>
public class ChiSquareTests
{
    [Theory]
    [InlineData(3.841459, 1, 0.05)]
    [InlineData(11.070498, 5, 0.05)]
    [InlineData(29.588298, 10, 0.001)]
    [InlineData(3.940299, 10, 0.95)]
    [InlineData(149.449253, 100, 0.001)]
    public void Tail_agrees_with_printed_tables(double statistic, int degrees, double probability) =>
        Assert.Equal(probability, ChiSquare.Tail(statistic, degrees), 6);

    [Fact]
    public void Counts_as_expected_pass_and_others_do_not()
    {
        double[] probabilities = [0.5, 0.3, 0.2, 0];
        Assert.Equal(1, ChiSquare.PValue([5000, 3000, 2000, 0], probabilities), 12);
        Assert.InRange(ChiSquare.PValue([5200, 2900, 1900, 0], probabilities), 0, 0.001);
        Assert.Equal(0, ChiSquare.PValue([5000, 3000, 1999, 1], probabilities));
    }
}
