using SubSpec.Cli.Commands;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Trees;

namespace SubSpec.Cli.Tests.Commands;

public sealed class PerformanceTests
{
    private static readonly EngineTotals Decode = EngineTotals.Zero with
    {
        Rounds = 4,
        BytesStreamed = 8000,
        BytesRead = 8800,
        LinkBusySeconds = 4,
        VerifySeconds = 2,
        DraftSeconds = 1,
        OverlapSeconds = 0.5,
        DraftChoices = 20,
        DraftAgreed = 17,
    };

    private static readonly Measurement Some = Take(1, Answer(tokens: 21, decodeSeconds: 5, 0, 1, 0, 0, 0, 3));

    [Fact]
    public void Tau_is_the_mean_of_accepted_tokens()
    {
        var p = Performance.Of([Some], throttle: null);
        Assert.Equal((4, 16, 4.0), (p.Rounds, p.Accepted, p.Tau));
    }

    [Fact]
    public void The_first_token_belongs_to_the_prompt() => Assert.Equal(20 / 5.0, Performance.Of([Some], null).TokensPerSecond);

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
        // The first one ends after 4 s: all 10 of its tokens, and 4 of the other's 5 rounds of 4.
        Measurement together = Take(2, Answer(11, 4, 0, 0, 0, 0, 2), Answer(21, 5, 0, 0, 0, 5));
        Assert.Equal(26 / 4.0, Performance.Of([together], null).TokensPerSecond);
        Assert.Equal(52 / 8.0, Performance.Of([together, together], null).TokensPerSecond);
        Assert.Equal(23 / 7.0, Performance.Of([together], null).Tau, 9);
    }

    [Fact]
    public void What_is_generated_while_a_place_is_empty_does_not_count()
    {
        // Two places: the third answer takes the first one's at 4 s; from 5 s on there is nothing for the second one's.
        GenerationResult[] answers = [Answer(11, 4, 0, 0, 0, 0, 2), Answer(21, 5, 0, 0, 0, 5), AnswerAt(4, 21, 5, 0, 0, 0, 5)];
        Assert.Equal((10 + 20 + 4) / 5.0, Performance.Of([Take(2, answers)], null).TokensPerSecond);

        // One place: one after the other, all of it.
        Assert.Equal((10 + 20) / 9.0, Performance.Of([Take(1, answers[0], answers[2])], null).TokensPerSecond);
    }

    [Fact]
    public void Nothing_measured_gives_zeros_and_no_NaN()
    {
        var p = Performance.Of([new Measurement([Answer(1, 0)], 1, EngineTotals.Zero, EngineTotals.Zero)], null);
        Assert.Equal(0, p.TokensPerSecond + p.Tau + p.Limit + p.LimitShare + p.OverlapRatio + p.LinkUtilization + p.LinkBandwidth + p.PlainLimit(0));
        Assert.Null(p.Agreement);
    }

    private static Measurement Take(int places, params GenerationResult[] results) => new([.. results], places, Decode, Decode);

    private static GenerationResult Answer(int tokens, double decodeSeconds, params int[] histogram) => AnswerAt(0, tokens, decodeSeconds, histogram);

    /// <param name="histogram">Of rounds that take the same time each, those that accept least first.</param>
    private static GenerationResult AnswerAt(double arrived, int tokens, double decodeSeconds, params int[] histogram) =>
        new([.. Enumerable.Range(0, tokens)], "", FinishReason.Length, 1, histogram.Sum(), [.. histogram], 0, new GenerationTimes(arrived, 0, 0, decodeSeconds))
        {
            Walks = [.. histogram.SelectMany((rounds, accepted) => Enumerable.Repeat(new RoundWalk([.. new AcceptedChoice[accepted]], default), rounds))],
            Gaps = [.. Enumerable.Repeat(decodeSeconds / Math.Max(1, histogram.Sum()), histogram.Sum())],
        };
}
