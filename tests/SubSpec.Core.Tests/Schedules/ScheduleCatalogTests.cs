using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Schedules;

public class ScheduleCatalogTests
{
    private static readonly ScheduleSettings Settings = new(new DraftShape(8, 2, 0.02, 32), 10);

    [Fact]
    public void Every_name_creates_the_schedule_of_that_name()
    {
        Assert.All(ScheduleCatalog.Names, name => Assert.Equal(name, ScheduleCatalog.Create(name, Settings).Name));
        Assert.Contains(ScheduleCatalog.Default, ScheduleCatalog.Names);
    }

    [Fact]
    public void An_unknown_name_is_refused_with_the_names_there_are()
    {
        var refusal = Assert.Throws<BadInputException>(() => ScheduleCatalog.Create("Prefetch", Settings));
        Assert.Contains("'Prefetch'", refusal.Message);
        Assert.All(ScheduleCatalog.Names, name => Assert.Contains(name, refusal.Message));
    }

    [Theory]
    [InlineData(100, 8)]
    [InlineData(9, 8)]
    [InlineData(8, 7)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void A_round_is_one_token_less_deep_than_what_is_left(int tokensLeft, int depth) =>
        Assert.Equal(Settings.Shape with { Depth = depth }, Settings.ShapeFor(tokensLeft));
}
