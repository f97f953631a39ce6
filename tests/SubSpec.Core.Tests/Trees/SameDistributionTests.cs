using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Tests.Sampling;
using SubSpec.Core.Tests.Statistics;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

/// <summary>
/// Speculative decoding draws from the target's distribution although the draft model errs and draws noise of its own: the first
/// three tokens of 100 000 seeds against exact enumeration.
/// </summary>
public class SameDistributionTests
{
    // One token more than are counted, so that the first round's tree is two deep.
    private const int Vocabulary = 5, Tokens = 4, Seeds = 100_000;
    private const double Significance = 0.001;

    private static readonly ImmutableArray<int> Prompt = [3, 1];
    private static readonly ToyModel Target = ToyModel.Random(Vocabulary, seed: 11);
    private static readonly ToyModel DraftModel = Target.Perturbed(0.7f, seed: 12);
    private static readonly SamplingOptions Softmax = new() { Temperature = 1 };
    private static readonly SamplingOptions Nucleus = new() { Temperature = 0.7, TopP = 0.9 };

    public static TheoryData<int, bool> Cases => new() { { 1, false }, { 3, false }, { 1, true }, { 3, true } };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Tokens_are_those_of_plain_decoding_and_their_joint_distribution_is_the_targets(int width, bool nucleus)
    {
        SamplingOptions options = nucleus ? Nucleus : Softmax;
        var decoding = new ToyDecoding(Target, DraftModel, Prompt);
        var shape = new DraftShape(2, width, 0, 16);
        long[] counts = new long[Vocabulary * Vocabulary * Vocabulary];
        for (int seed = 0; seed < Seeds; seed++)
        {
            SamplingOptions drawn = options with { Seed = (ulong)seed };
            int[] speculative = decoding.Speculative(Tokens, drawn, IndependentNoise(drawn), shape);
            int[] plain = decoding.Plain(Tokens, drawn);
            Assert.True(plain.AsSpan().SequenceEqual(speculative), $"seed {seed}");
            counts[Cell(speculative)]++;
        }
        double p = ChiSquare.PValue(counts, Enumerated(options));
        Assert.True(p > Significance, $"p = {p}");
        Assert.InRange(decoding.Accepted, Seeds / 2, 2 * Seeds);
    }

    [Theory]
    [InlineData("the draft's choice is the bonus")]
    [InlineData("a rejected choice is drawn again")]
    public void The_same_statistic_rejects_a_wrong_walk(string mistake)
    {
        var decoding = new ToyDecoding(Target, DraftModel, Prompt);
        ulong redrawn = 0;
        BonusRule rule = mistake == "the draft's choice is the bonus"
            ? (tree, node, bonus, _) => tree.Nodes.FirstOrDefault(n => n.Parent == node, new(bonus, node)).Token
            : (tree, node, bonus, redraw) => tree.Nodes.Any(n => n.Parent == node) ? redraw(Softmax with { Seed = ++redrawn }) : bonus;
        long[] counts = new long[Vocabulary * Vocabulary * Vocabulary];
        for (int seed = 0; seed < Seeds / 5; seed++)
        {
            SamplingOptions drawn = Softmax with { Seed = (ulong)seed };
            counts[Cell(decoding.Speculative(Tokens, drawn, IndependentNoise(drawn), new DraftShape(2, 1, 0, 16), rule))]++;
        }
        Assert.InRange(ChiSquare.PValue(counts, Enumerated(Softmax)), 0, Significance);
    }

    [Fact]
    public void With_penalties_bias_and_every_shape_tokens_are_those_of_plain_decoding()
    {
        const int vocabulary = 12, tokens = 24;
        ToyModel target = ToyModel.Random(vocabulary, seed: 13);
        var decoding = new ToyDecoding(target, target.Perturbed(0.4f, seed: 14), [0, 7, 5]);
        var random = new Random(15);
        for (int seed = 0; seed < 600; seed++)
        {
            var options = new SamplingOptions
            {
                Temperature = seed % 4 == 0 ? 0 : 0.8,
                TopK = seed % 5 == 0 ? 6 : 0,
                MinP = seed % 7 == 0 ? 0.05 : 0,
                RepetitionPenalty = 1.2,
                PresencePenalty = 0.3,
                FrequencyPenalty = 0.2,
                LogitBias = ImmutableDictionary<int, float>.Empty.Add(2, -1),
                Seed = (ulong)seed,
            };
            var shape = new DraftShape(random.Next(0, 8), random.Next(1, 5), random.NextDouble() < 0.5 ? 0 : 0.05, random.Next(1, 30));
            SamplingOptions drafted = seed % 2 == 0 ? options : IndependentNoise(options);
            Assert.Equal(decoding.Plain(tokens, options), decoding.Speculative(tokens, options, drafted, shape));
        }
        Assert.True(decoding.Accepted > 0);
    }

    [Fact]
    public void A_perfect_draft_with_the_targets_noise_is_accepted_whole()
    {
        var decoding = new ToyDecoding(Target, Target, Prompt);
        for (int seed = 0; seed < 100; seed++)
        {
            SamplingOptions drawn = Nucleus with { Seed = (ulong)seed };
            // The first token comes with the prompt; nine tokens are two rounds of four: three drafted and a bonus.
            decoding.Speculative(9, drawn, drawn, new DraftShape(3, 1, 0, 8));
        }
        Assert.Equal(100 * 6, decoding.Accepted);
    }

    private static SamplingOptions IndependentNoise(SamplingOptions options) => options with { Seed = options.Seed * 0x9E3779B97F4A7C15 + 0x1234567 };

    private static int Cell(int[] tokens) => tokens.Take(3).Aggregate(0, (cell, token) => cell * Vocabulary + token);

    /// <summary>P(first three tokens), by going through all 125.</summary>
    private static double[] Enumerated(SamplingOptions options)
    {
        double[] joint = new double[Vocabulary * Vocabulary * Vocabulary];
        for (int cell = 0; cell < joint.Length; cell++)
        {
            int a = cell / Vocabulary / Vocabulary, b = cell / Vocabulary % Vocabulary, c = cell % Vocabulary;
            joint[cell] = Chance(Prompt[^2], Prompt[^1], a) * Chance(Prompt[^1], a, b) * Chance(a, b, c);
        }
        return joint;

        double Chance(int previous, int last, int token) => PlainSampler.Probabilities(Target.Logits(previous, last), options)[token];
    }
}
