using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class GuessRateTests
{
    [Fact]
    public void Guesses_stop_where_they_fail_and_come_back_where_they_hold()
    {
        var rate = new GuessRate();
        for (int i = 0; i < 40; i++) rate.Learn(4, held: false);
        Assert.Equal(0, rate.Worth(4, least: 0.2, most: 3));
        for (int i = 0; i < 40; i++) rate.Learn(4, held: true);
        Assert.Equal(3, rate.Worth(4, least: 0.2, most: 3));
        Assert.InRange(rate[4], 0.8, 1);
    }

    [Fact]
    public void Lengths_are_learnt_apart_and_two_tokens_that_repeat_mean_nothing_at_first()
    {
        var rate = new GuessRate();
        Assert.Equal(0, rate.Worth(2, 0.2, 3));
        Assert.InRange(rate[4], rate[3] + 0.1, 0.5);
        for (int i = 0; i < 20; i++) rate.Learn(2, held: true);
        Assert.Equal(new GuessRate()[4], rate[4]);
        Assert.Equal(3, rate.Worth(2, 0.2, 3));
    }

    [Fact]
    public void A_chain_is_as_long_as_its_last_guess_pays()
    {
        var rate = new GuessRate();
        for (int i = 0; i < 400; i++) rate.Learn(3, held: i % 2 == 0);
        Assert.Equal(1, rate.Worth(3, least: 0.3, most: 9));
        Assert.Equal(2, rate.Worth(3, least: 0.2, most: 9));
        Assert.Equal(1, rate.Worth(3, least: 0.2, most: 1));
    }
}
