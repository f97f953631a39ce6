using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

/// <summary>Choices by a part of the logits against those by all of them.</summary>
public class ShortlistTests
{
    public static TheoryData<string, SamplingOptions> Options => SamplerTests.Options;

    [Theory]
    [MemberData(nameof(Options))]
    public void What_a_shortlist_decides_the_whole_row_decides_alike(string name, SamplingOptions options)
    {
        var random = new Random(name.Length);
        int decided = 0;
        foreach (int vocabulary in new[] { 1, 3, 17, 100, 1003 })
        {
            var sampler = new Sampler(vocabulary);
            var favoured = new FavouredTokens(vocabulary, 16);
            for (int i = 0; i < 12 * RandomLogits.Kinds; i++)
            {
                float[] logits = RandomLogits.Row(random, vocabulary, i % RandomLogits.Kinds);
                SamplingOptions drawn = options with { Seed = (ulong)random.NextInt64(), Choice = random.Next(3) };
                TokenHistory history = TokenHistory.Empty;
                if (i % 2 == 1)
                {
                    drawn = drawn with { RepetitionPenalty = 1.2, PresencePenalty = 0.3, FrequencyPenalty = 0.2 };
                    history = TokenHistory.For(drawn, Highest(logits, 3)).Add(Highest(logits, 2)[^1], drawn).Add(0, drawn);
                }
                int position = random.Next(5000);
                foreach ((int top, int length) in new[] { (1, 1), (5, 1), (40, 3), (vocabulary, vocabulary) })
                    if (Decides(sampler, favoured, logits, drawn, history, position, top, length)) decided++;
            }
        }
        // Top-p without top-k is a share of the weight of all tokens; and where it is too cold, noise is lost in rounding.
        Assert.Equal((options.TopP >= 1 || options.TopK > 0) && options.Temperature != 1e-9, decided > 0);
    }

    [Theory]
    [InlineData("greedy", 0, 0, 1, 1)]
    [InlineData("all tokens", 0.8, 0, 1, 0.95)]
    [InlineData("top-k and top-p", 0.7, 20, 0.8, 1)]
    public void Nearly_every_row_of_a_language_model_is_decided(string name, double temperature, int topK, double topP, double share)
    {
        const int vocabulary = 151_936;
        var random = new Random(name.Length);
        var sampler = new Sampler(vocabulary);
        var favoured = new FavouredTokens(vocabulary, 64);
        var options = new SamplingOptions { Temperature = temperature, TopK = topK, TopP = topP, Seed = 5 };
        int decided = 0;
        for (int position = 0; position < 60; position++)
        {
            // Probabilities that fall with the square of the rank.
            float[] logits = new float[vocabulary];
            int first = random.Next(vocabulary);
            for (int rank = 1; rank <= vocabulary; rank++) logits[(first + (7919L * rank)) % vocabulary] = 20 - 2 * MathF.Log(rank);
            if (Decides(sampler, favoured, logits, options, TokenHistory.Empty, position, 64, 2)) decided++;
        }
        Assert.InRange(decided, share * 60, 60);
    }

    [Fact]
    public void Nothing_is_decided_by_logits_that_are_no_numbers_or_where_a_bias_may_lift_any_token()
    {
        var sampler = new Sampler(1000);
        var best = new RankedToken[1];
        foreach (float broken in new[] { float.NaN, float.PositiveInfinity, float.NegativeInfinity })
            Assert.False(sampler.TryRank(new LogitShortlist([1, 2], [9, broken], 0, 0), SamplingOptions.Greedy, TokenHistory.Empty, 0, best, out _));
        var biased = new SamplingOptions { LogitBias = System.Collections.Immutable.ImmutableDictionary<int, float>.Empty.Add(7, 3) };
        Assert.False(sampler.TryRank(new LogitShortlist([1, 2], [9, 8], 0, 0), biased, TokenHistory.Empty, 0, best, out _));
        Assert.False(sampler.TryRank(new LogitShortlist([1, 2], [9, 8], 0, 0), new SamplingOptions { RepetitionPenalty = 0.5 }, TokenHistory.Empty, 0, best, out _));
        Assert.True(sampler.TryRank(new LogitShortlist([1, 2], [9, 8], 0, 0), SamplingOptions.Greedy, TokenHistory.Empty, 0, best, out _));
    }

    [Fact]
    public void A_token_as_high_as_the_bound_may_have_an_equal_outside_the_list()
    {
        var sampler = new Sampler(1000);
        var best = new RankedToken[2];
        Assert.True(sampler.TryRank(new LogitShortlist([5, 2, 8], [9, 9, 4], 4, 0), SamplingOptions.Greedy, TokenHistory.Empty, 0, best, out _));
        Assert.Equal([2, 5], best.Select(b => b.Token));
        Assert.False(sampler.TryRank(new LogitShortlist([5, 2, 8], [9, 4, 4], 4, 0), SamplingOptions.Greedy, TokenHistory.Empty, 0, best, out _));
    }

    [Fact]
    public void All_tokens_that_are_not_favoured_have_less_noise_than_the_bound()
    {
        foreach (int vocabulary in new[] { 1, 5, 8, 100, 1003, 20_000 })
        {
            var favoured = new FavouredTokens(vocabulary, 64);
            for (int position = 0; position < 40; position++)
            {
                var options = new SamplingOptions { Temperature = 1, Seed = 11, Choice = position % 2 };
                (int[] tokens, double bound) = favoured.At(options, position);
                Assert.InRange(tokens.Length, vocabulary > 64 ? 20 : vocabulary, favoured.MaxCount);
                Assert.Equal(tokens.Distinct().Order(), tokens);
                Assert.Equal(tokens, favoured.At(options, position).Tokens);
                foreach (int token in Enumerable.Range(0, vocabulary).Except(tokens))
                    Assert.True(-Math.Log(-Math.Log(Philox.Uniform(options.Seed, options.Choice, position, token))) < bound);
            }
        }
    }

    private static int[] Highest(float[] logits, int count) => [.. Enumerable.Range(0, logits.Length).OrderByDescending(t => logits[t]).ThenBy(t => t).Take(count)];

    /// <summary>Whether the highest logits and the favoured tokens decide; if so they must do it as the whole row does.</summary>
    private static bool Decides(
        Sampler sampler, FavouredTokens favoured, float[] logits, SamplingOptions options, TokenHistory history, int position, int top, int length)
    {
        int[] highest = Highest(logits, top);
        (int[] noisy, double noiseBound) = favoured.At(options, position);
        // The order of a device's list is its own.
        int[] tokens = [.. highest.Concat(noisy.Except(highest)).OrderBy(t => t * 7919L % 1009)];
        if (tokens.Length > Sampler.MaxShortlist) return false;
        var list = new LogitShortlist(tokens, [.. tokens.Select(t => logits[t])], logits[highest[^1]], noiseBound);
        var best = new RankedToken[length];
        if (!sampler.TryRank(list, options, history, position, best, out int count)) return false;

        var expected = new RankedToken[length];
        Assert.Equal(expected.Take(sampler.Rank(logits, options, history, position, expected)), best.Take(count));
        return true;
    }
}
