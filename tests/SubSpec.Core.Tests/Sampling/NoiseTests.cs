using SubSpec.Core.Sampling;

namespace SubSpec.Core.Tests.Sampling;

public class NoiseTests
{
    private const int Vocabulary = 64;

    [Fact]
    public void Noise_belongs_to_seed_choice_position_and_token_alone()
    {
        var random = new Random(3);
        double[] noise = NoiseOf(new float[Vocabulary], new SamplingOptions { Temperature = 1, Seed = 9, Choice = 1 }, 40);
        for (int i = 0; i < 50; i++)
        {
            float[] logits = RandomLogits.Row(random, Vocabulary, 0);
            var other = new SamplingOptions { Temperature = 0.1 + random.NextDouble(), Seed = 9, Choice = 1 };
            Assert.All(NoiseOf(logits, other, 40).Zip(noise), pair => Assert.Equal(pair.Second, pair.First, 1e-9));
        }
    }

    [Fact]
    public void Another_seed_choice_position_or_token_draws_other_noise()
    {
        var options = new SamplingOptions { Temperature = 1, Seed = 9, Choice = 1 };
        float[] logits = new float[Vocabulary];
        double[][] draws =
        [
            NoiseOf(logits, options, 40), NoiseOf(logits, options, 41), NoiseOf(logits, options with { Choice = 2 }, 40),
            NoiseOf(logits, options with { Seed = 10 }, 40), NoiseOf(logits, options with { Seed = 9 + (1UL << 32) }, 40),
        ];
        Assert.Equal(draws.Length * Vocabulary, draws.SelectMany(d => d).Distinct().Count());
    }

    [Fact]
    public void Noise_just_large_enough_is_never_skipped_and_noise_just_too_small_never_wins()
    {
        const int vocabulary = 300;
        var random = new Random(4);
        var sampler = new Sampler(vocabulary);
        for (int i = 0; i < 400; i++)
        {
            var options = new SamplingOptions { Temperature = i % 2 == 0 ? 1 : 0.3, Seed = (ulong)i };
            float[] logits = RandomLogits.Row(random, vocabulary, 4);
            RankedToken best = PlainSampler.Rank(logits, options, TokenHistory.Empty, i)[0];
            int token = random.Next(vocabulary);
            // The logit that makes this token's value equal to the best one, and its neighbours.
            float tie = (float)((best.Value - PlainSampler.Noise(options, i, token)) * options.Temperature);
            foreach (float logit in new[] { float.BitDecrement(tie), tie, float.BitIncrement(tie) })
            {
                logits[token] = logit;
                Assert.Equal(PlainSampler.Rank(logits, options, TokenHistory.Empty, i)[0].Token, sampler.Choose(logits, options, TokenHistory.Empty, i));
            }
        }
    }

    [Fact]
    public void The_screen_lets_every_token_through_that_reaches_the_value()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            var options = new SamplingOptions { Temperature = Math.Exp(20 * random.NextDouble() - 17), Seed = (ulong)random.NextInt64() };
            float[] logits = RandomLogits.Row(random, NoiseScreen.Lanes, i % RandomLogits.Kinds);
            int token = random.Next(150_000), lane = random.Next(NoiseScreen.Lanes);
            var screen = new NoiseScreen(options, i);
            double value = logits[lane] / options.Temperature + PlainSampler.Noise(options, i, token + lane);
            uint candidates = screen.Candidates(System.Runtime.Intrinsics.Vector256.Create(logits), token, screen.Wanted(value));
            Assert.True((candidates >> lane & 1) == 1, $"case {i}, lane {lane}");
        }
    }

    [Fact]
    public void The_screen_holds_nearly_everything_hopeless_back()
    {
        var screen = new NoiseScreen(new SamplingOptions { Temperature = 0.8, Seed = 1 }, 0);
        int through = 0;
        for (int token = 0; token < 80_000; token += NoiseScreen.Lanes)
            through += int.PopCount((int)screen.Candidates(default, token, screen.Wanted(7)));
        // 80 000 exp(-7) = 73 tokens do reach 7.
        Assert.InRange(through, 40, 120);
    }

    private static double[] NoiseOf(float[] logits, SamplingOptions options, int position)
    {
        var ranked = new RankedToken[logits.Length];
        new Sampler(logits.Length).Rank(logits, options, TokenHistory.Empty, position, ranked);
        return [.. ranked.OrderBy(r => r.Token).Select(r => r.Value - logits[r.Token] / options.Temperature)];
    }
}
