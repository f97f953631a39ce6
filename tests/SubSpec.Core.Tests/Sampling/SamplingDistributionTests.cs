using SubSpec.Core.Sampling;
using SubSpec.Core.Tests.Statistics;

namespace SubSpec.Core.Tests.Sampling;

public class SamplingDistributionTests
{
    private const int Draws = 100_000;

    private static readonly float[] Logits = [0.5f, 2, -1, 1.4f, 1.4f, -3, 0, float.NegativeInfinity];

    public static TheoryData<string, SamplingOptions> Options => new()
    {
        { "softmax", new() { Temperature = 1 } },
        { "cooled softmax", new() { Temperature = 0.7 } },
        { "top-k, a tie cut", new() { Temperature = 1, TopK = 2 } },
        { "top-p", new() { Temperature = 0.9, TopP = 0.8 } },
        { "min-p", new() { Temperature = 1, MinP = 0.2 } },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void Frequencies_over_seeds_are_the_probabilities(string name, SamplingOptions options)
    {
        double[] expected = PlainSampler.Probabilities(Logits, options);
        double p = ChiSquare.PValue(Count(seed => options with { Seed = seed }, position: _ => 11), expected);
        Assert.True(p > 0.001, $"{name}: p = {p}");
    }

    [Fact]
    public void Frequencies_over_positions_and_over_choices_of_one_seed_are_the_probabilities()
    {
        var options = new SamplingOptions { Temperature = 1, Seed = 123 };
        double[] expected = PlainSampler.Probabilities(Logits, options);
        Assert.InRange(ChiSquare.PValue(Count(_ => options, i => i), expected), 0.001, 1);
        Assert.InRange(ChiSquare.PValue(Count(i => options with { Choice = (int)i }, _ => 5), expected), 0.001, 1);
    }

    [Fact]
    public void The_test_tells_temperatures_apart()
    {
        double[] expected = PlainSampler.Probabilities(Logits, new SamplingOptions { Temperature = 1 });
        Assert.InRange(ChiSquare.PValue(Count(seed => new() { Temperature = 0.97, Seed = seed }, _ => 0), expected), 0, 1e-6);
    }

    private static long[] Count(Func<ulong, SamplingOptions> options, Func<int, int> position)
    {
        long[] counts = new long[Logits.Length];
        var sampler = new Sampler(Logits.Length);
        for (int i = 0; i < Draws; i++) counts[sampler.Choose(Logits, options((ulong)i), TokenHistory.Empty, position(i))]++;
        return counts;
    }
}
