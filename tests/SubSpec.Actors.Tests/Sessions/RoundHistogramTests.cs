using SubSpec.Actors.Sessions;

namespace SubSpec.Actors.Tests.Sessions;

public class RoundHistogramTests
{
    [Fact]
    public void Rounds_are_counted_by_what_they_accepted()
    {
        var histogram = new RoundHistogram();
        foreach (int accepted in new[] { 3, 0, 3 }) histogram.Add(accepted);
        Assert.Equal([1, 0, 0, 2], histogram.Counts.AsEnumerable());
        Assert.Equal(3, histogram.Rounds);
    }
}
