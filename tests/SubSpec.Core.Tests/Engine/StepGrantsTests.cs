using SubSpec.Core.Engine;

namespace SubSpec.Core.Tests.Engine;

public class StepGrantsTests
{
    [Fact]
    public void A_layer_without_an_entry_grants_nothing()
    {
        var grants = new StepGrants(1, [0, 3, 2]);
        Assert.Equal([0, 3, 2, 0, 0], new[] { 0, 1, 2, 3, -1 }.Select(grants.StepsBefore));
    }

    [Fact]
    public void None_and_unlimited_grant_nothing_inside_a_pass()
    {
        Assert.Equal((0, 0), (StepGrants.None.AtOnce, StepGrants.None.StepsBefore(0)));
        Assert.Equal((int.MaxValue, 0), (StepGrants.Unlimited.AtOnce, StepGrants.Unlimited.StepsBefore(5)));
    }

    [Fact]
    public void Grants_before_each_layer_need_not_know_how_many_there_are()
    {
        var grants = StepGrants.BeforeEachLayer(3);
        Assert.Equal((0, 3, 3), (grants.AtOnce, grants.StepsBefore(0), grants.StepsBefore(77)));
    }
}
