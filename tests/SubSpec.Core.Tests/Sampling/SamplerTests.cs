using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

/// <summary>The sampler with its shortcuts against the plain version without them.</summary>
public class SamplerTests
{
    private static readonly int[] Vocabularies = [1, 2, 3, 7, 8, 9, 16, 17, 31, 100, 1003];

    [Fact]
    public void Greedy_takes_the_lowest_id_of_equal_logits()
    {
        foreach (int vocabulary in Vocabularies)
            for (int first = 0; first < vocabulary; first++)
            {
                float[] logits = new float[vocabulary];
                for (int token = first; token < vocabulary; token += 3) logits[token] = 5;
                Assert.Equal(first, new Sampler(vocabulary).Choose(logits, SamplingOptions.Greedy, TokenHistory.Empty, 0));
            }
    }

    [Fact]
    public void Equal_values_go_to_the_lowest_id_where_tokens_are_forbidden_too()
    {
        var sampler = new Sampler(20);
        float[] logits = [.. Enumerable.Repeat(float.NegativeInfinity, 20)];
        logits[13] = logits[17] = -3;
        var ranked = new RankedToken[4];

        Assert.Equal(4, sampler.Rank(logits, SamplingOptions.Greedy, TokenHistory.Empty, 0, ranked));
        Assert.Equal([13, 17, 0, 1], ranked.Select(r => r.Token));
    }

    public static TheoryData<string, SamplingOptions> Options => new()
    {
        { "greedy", SamplingOptions.Greedy },
        { "all tokens", new() { Temperature = 0.8 } },
        { "hot", new() { Temperature = 30 } },
        { "cold", new() { Temperature = 0.01 } },
        { "as cold as can be", new() { Temperature = 1e-9 } },
        { "top-k", new() { Temperature = 1, TopK = 5 } },
        { "large top-k", new() { Temperature = 1, TopK = 500 } },
        { "top-p", new() { Temperature = 0.7, TopP = 0.9 } },
        { "narrow top-p", new() { Temperature = 1.5, TopP = 0.01 } },
        { "wide top-p", new() { Temperature = 2, TopP = 0.999 } },
        { "min-p", new() { Temperature = 1, MinP = 0.05 } },
        { "tiny min-p", new() { Temperature = 1, MinP = 1e-30 } },
        { "min-p 1", new() { Temperature = 1, MinP = 1 } },
        { "top-k and top-p", new() { Temperature = 0.9, TopK = 12, TopP = 0.8 } },
        { "top-p and min-p", new() { Temperature = 1.2, TopP = 0.95, MinP = 0.02 } },
        { "everything", new() { Temperature = 1.1, TopK = 40, TopP = 0.97, MinP = 0.01 } },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Rank_is_that_of_the_plain_version(string name, SamplingOptions options)
    {
        var random = new Random(name.Length);
        foreach (int vocabulary in Vocabularies)
        {
            var sampler = new Sampler(vocabulary);
            for (int i = 0; i < 3 * RandomLogits.Kinds; i++)
            {
                float[] logits = RandomLogits.Row(random, vocabulary, i % RandomLogits.Kinds);
                SamplingOptions drawn = options with { Seed = (ulong)random.NextInt64(), Choice = random.Next(3) };
                int position = random.Next(5000);
                RankedToken[] plain = PlainSampler.Rank(logits, drawn, TokenHistory.Empty, position);
                foreach (int length in new[] { 1, 2, 4, vocabulary + 1 })
                {
                    var best = new RankedToken[length];
                    int count = sampler.Rank(logits, drawn, TokenHistory.Empty, position, best);
                    Assert.Equal(plain.Take(length), best.Take(count));
                }
                Assert.Equal(plain[0].Token, sampler.Choose(logits, drawn, TokenHistory.Empty, position));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void A_large_vocabulary_is_ranked_like_the_plain_version(string name, SamplingOptions options)
    {
        const int vocabulary = 151_936;
        var random = new Random(name.Length);
        var sampler = new Sampler(vocabulary);
        float[] logits = RandomLogits.Row(random, vocabulary, kind: name.Length % 2 == 0 ? 4 : 2);
        RankedToken[] plain = PlainSampler.Rank(logits, options, TokenHistory.Empty, 77);
        var best = new RankedToken[6];
        int count = sampler.Rank(logits, options, TokenHistory.Empty, 77, best);
        Assert.Equal(plain.Take(6), best.Take(count));
    }

    [Fact]
    public void A_row_of_another_vocabulary_is_refused() =>
        Assert.Throws<ArgumentException>(() => new Sampler(5).Choose(new float[6], SamplingOptions.Greedy, TokenHistory.Empty, 0));
}
