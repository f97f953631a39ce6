using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class PenaltyTests
{
    private static readonly float[] Logits = [3, -1, 2, 0, 4];

    [Fact]
    public void Repetition_divides_positive_and_multiplies_negative_logits_of_prompt_and_output_once()
    {
        var options = new SamplingOptions { RepetitionPenalty = 2 };
        TokenHistory history = TokenHistory.For(options, [0, 1, 0]).Add(0, options).Add(3, options).Add(2, options);
        Assert.Equal([1.5f, -2, 1, 0, 4], Adjusted(options, history));
    }

    [Fact]
    public void Presence_counts_once_and_frequency_as_often_as_the_output_holds_a_token()
    {
        var options = new SamplingOptions { PresencePenalty = 0.5, FrequencyPenalty = 0.25 };
        TokenHistory history = TokenHistory.For(options, [0]).Add(4, options).Add(4, options).Add(1, options);
        Assert.Equal([3, -1.75f, 2, 0, 3], Adjusted(options, history));
    }

    [Fact]
    public void Bias_is_added_after_the_penalties_and_outside_the_vocabulary_has_no_effect()
    {
        var options = new SamplingOptions
        {
            RepetitionPenalty = 4,
            LogitBias = ImmutableDictionary<int, float>.Empty.Add(4, 1).Add(1, -100).Add(99, 5),
        };
        Assert.Equal([3, -101, 2, 0, 2], Adjusted(options, TokenHistory.For(options, [4])));
    }

    [Fact]
    public void All_of_them_together_are_those_of_the_plain_version()
    {
        var random = new Random(6);
        for (int i = 0; i < 300; i++)
        {
            int vocabulary = random.Next(2, 60);
            var options = new SamplingOptions
            {
                Temperature = i % 3 == 0 ? 0 : 0.9,
                TopP = i % 2 == 0 ? 1 : 0.9,
                RepetitionPenalty = 0.5 + 2 * random.NextDouble(),
                PresencePenalty = 4 * random.NextDouble() - 2,
                FrequencyPenalty = 4 * random.NextDouble() - 2,
                LogitBias = ImmutableDictionary<int, float>.Empty.Add(random.Next(vocabulary), 10 * RandomLogits.Normal(random)),
                Seed = (ulong)i,
            };
            TokenHistory history = TokenHistory.For(options, Tokens(random, vocabulary));
            foreach (int token in Tokens(random, vocabulary)) history = history.Add(token, options);
            float[] logits = RandomLogits.Row(random, vocabulary, i % 3);

            var ranked = new RankedToken[vocabulary];
            int count = new Sampler(vocabulary).Rank(logits, options, history, i, ranked);
            Assert.Equal(PlainSampler.Rank(logits, options, history, i), ranked.Take(count));
        }
    }

    [Fact]
    public void The_row_given_is_left_as_it_was()
    {
        var options = new SamplingOptions { PresencePenalty = 1 };
        float[] logits = [.. Logits];
        new Sampler(5).Choose(logits, options, TokenHistory.For(options, []).Add(4, options), 0);
        Assert.Equal(Logits, logits);
    }

    private static IEnumerable<int> Tokens(Random random, int vocabulary) =>
        [.. Enumerable.Range(0, random.Next(20)).Select(_ => random.Next(vocabulary))];

    private static IEnumerable<float> Adjusted(SamplingOptions options, TokenHistory history)
    {
        var ranked = new RankedToken[Logits.Length];
        new Sampler(Logits.Length).Rank(Logits, options, history, 0, ranked);
        return ranked.OrderBy(r => r.Token).Select(r => (float)r.Value);
    }
}
