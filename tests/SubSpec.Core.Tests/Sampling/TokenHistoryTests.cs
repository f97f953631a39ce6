using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class TokenHistoryTests
{
    private static readonly SamplingOptions Penalised = new() { FrequencyPenalty = 1 };

    [Fact]
    public void Nothing_is_counted_when_no_penalty_asks_for_it()
    {
        TokenHistory history = TokenHistory.For(SamplingOptions.Greedy, [1, 2]);
        Assert.Same(TokenHistory.Empty, history);
        Assert.Same(history, history.Add(3, SamplingOptions.Greedy));
    }

    [Fact]
    public void Two_branches_of_a_path_do_not_see_each_other()
    {
        TokenHistory root = TokenHistory.For(Penalised, [7]).Add(1, Penalised);
        TokenHistory left = root.Add(1, Penalised), right = root.Add(2, Penalised);

        Assert.Equal(1, root.Output[1]);
        Assert.Equal(2, left.Output[1]);
        Assert.Equal((1, 1), (right.Output[1], right.Output[2]));
        Assert.Equal([7], right.Prompt);
        Assert.DoesNotContain(7, right.Output.Keys);
    }
}
