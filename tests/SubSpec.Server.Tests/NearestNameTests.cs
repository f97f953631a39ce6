namespace SubSpec.Server.Tests;

public class NearestNameTests
{
    [Theory]
    [InlineData("max_token", "max_tokens")]
    [InlineData("MaxTokens", "max_tokens")]
    [InlineData("sede", "seed")]
    [InlineData("colour", null)]
    public void A_slip_of_the_hand_is_recognized(string name, string? meant) => Assert.Equal(meant, NearestName.To(name, ["max_tokens", "seed", "stream"]));

    [Fact]
    public void A_name_longer_than_any_is_like_none_and_costs_nothing()
    {
        string name = new('x', 2 << 20);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(NearestName.To(name, ["max_tokens"]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4096);
    }
}
