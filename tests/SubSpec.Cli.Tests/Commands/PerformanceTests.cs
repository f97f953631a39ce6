using SubSpec.Cli.Commands;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Tests.Commands;

public sealed class PerformanceTests
{
    private static readonly EngineTotals Decode = EngineTotals.Zero with
    {
        BytesStreamed = 8000,
        BytesRead = 8800,
        LinkBusySeconds = 4,
        VerifySeconds = 2,
        DraftSeconds = 1,
        OverlapSeconds = 0.5,
        DraftChoices = 20,
        DraftAgreed = 17,
    };

    private static readonly Measurement Some = Take(Answer(tokens: 22, decodeSeconds: 5, 0, 1, 0, 0, 0, 3));

    [Fact]
    public void Tau_is_the_mean_of_accepted_tokens()
    {
        var p = Performance.Of([Some], throttle: null);
        Assert.Equal((4, 16, 4.0), (p.Rounds, p.Accepted, p.Tau));
    }

    [Fact]
    public void The_first_token_belongs_to_the_prompt() => Assert.Equal(21 / 5.0, Performance.Of([Some], null).TokensPerSecond);

    [Fact]
    public void The_limit_is_the_slower_of_link_and_compute()
    {
        // 2000 bytes a round at 8800 / 4 bytes a second, or 3 seconds of compute in 4 rounds.
        var p = Performance.Of([Some], null);
        Assert.Equal(2200, p.LinkBandwidth);
        Assert.Equal(5 / (2000 / 2200.0), p.Limit, 9);
        Assert.Equal(p.TokensPerSecond / p.Limit, p.LimitShare, 9);

        var fast = Performance.Of([Some], throttle: 1e6);
        Assert.Equal(5 / 0.75, fast.Limit, 9);
    }

    [Fact]
    public void Shares_are_of_decoding()
    {
        var p = Performance.Of([Some], null);
        Assert.Equal((0.5, 0.8), (p.OverlapRatio, p.LinkUtilization));
    }

    [Fact]
    public void Plain_offloading_streams_the_offloaded_layers_for_every_token() => Assert.Equal(2.2, Performance.Of([Some], null).PlainLimit(1000), 9);

    [Fact]
    public void Agreement_is_the_share_of_right_first_choices() => Assert.Equal(0.85, Performance.Of([Some], null).Agreement);

    [Fact]
    public void Answers_that_ran_together_share_their_time()
    {
        Measurement together = Take(Answer(11, 4, 0, 10), Answer(21, 5, 0, 0, 20));
        Assert.Equal(30 / 5.0, Performance.Of([together], null).TokensPerSecond);
        Assert.Equal(60 / 10.0, Performance.Of([together, together], null).TokensPerSecond);
        Assert.Equal(50 / 30.0, Performance.Of([together], null).Tau, 9);

        // One that begins later ends later: nothing was decoded twice at once.
        Measurement staggered = Take(Answer(11, 4, 0, 10), AnswerAt(3, 21, 5, 0, 0, 20));
        Assert.Equal(30 / 8.0, Performance.Of([staggered], null).TokensPerSecond);
    }

    [Fact]
    public void Nothing_measured_gives_zeros_and_no_NaN()
    {
        var p = Performance.Of([new Measurement([Answer(1, 0)], EngineTotals.Zero, EngineTotals.Zero)], null);
        Assert.Equal(0, p.TokensPerSecond + p.Tau + p.Limit + p.LimitShare + p.OverlapRatio + p.LinkUtilization + p.LinkBandwidth + p.PlainLimit(0));
        Assert.Null(p.Agreement);
    }

    private static Measurement Take(params GenerationResult[] results) => new([.. results], Decode, Decode);

    private static GenerationResult Answer(int tokens, double decodeSeconds, params int[] histogram) => AnswerAt(0, tokens, decodeSeconds, histogram);

    private static GenerationResult AnswerAt(double arrived, int tokens, double decodeSeconds, params int[] histogram) =>
        new([.. Enumerable.Range(0, tokens)], "", FinishReason.Length, 1, histogram.Sum(), [.. histogram], 0, new GenerationTimes(arrived, 0, 0, decodeSeconds));
}
