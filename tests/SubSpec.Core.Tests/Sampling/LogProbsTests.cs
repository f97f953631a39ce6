using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class LogProbsTests
{
    [Fact]
    public void They_are_the_logarithm_of_the_softmax()
    {
        TokenLogProbs probs = LogProbs.Of([MathF.Log(1), MathF.Log(4), MathF.Log(3), MathF.Log(2)], chosen: 3, top: 2);

        Assert.Equal((3, Math.Log(0.2)), (probs.Token, probs.LogProb), Close);
        Assert.Equal([(1, Math.Log(0.4)), (2, Math.Log(0.3))], probs.Top.Select(t => (t.Token, t.LogProb)), Close);
    }

    [Fact]
    public void Large_logits_overflow_nothing_and_ties_go_to_the_lower_id()
    {
        TokenLogProbs probs = LogProbs.Of([3e38f, -3e38f, 3e38f], chosen: 2, top: 3);

        Assert.Equal(Math.Log(0.5), probs.LogProb, 1e-6);
        Assert.Equal([0, 2, 1], probs.Top.Select(t => t.Token));
    }

    [Fact]
    public void None_may_be_listed_and_no_more_than_there_are()
    {
        Assert.Empty(LogProbs.Of([1, 2], chosen: 0, top: 0).Top);
        Assert.Equal(2, LogProbs.Of([1, 2], chosen: 0, top: 20).Top.Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => LogProbs.Of([1, 2], chosen: 0, top: 21));
    }

    private static bool Close((int Token, double Value) a, (int Token, double Value) b) => a.Token == b.Token && Math.Abs(a.Value - b.Value) < 1e-6;
}
