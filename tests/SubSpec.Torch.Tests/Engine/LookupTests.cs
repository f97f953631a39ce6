using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Draft steps that take guesses from prompt and output along: the tokens of plain decoding, in fewer steps where the text repeats.</summary>
public class LookupTests
{
    private const int Tokens = 256;

    private static readonly int[] Repeating = DemoText.Encode(
        string.Join(' ', Enumerable.Repeat("The cat ran. The dog ran.", 4)));

    [Theory]
    [InlineData(0, 1, 0.85)]
    [InlineData(0, 2, 0.9)]
    [InlineData(0.8, 1, 1)]
    [InlineData(0.8, 2, 1)]
    public void A_prompt_that_repeats_gives_the_tokens_of_plain_decoding_in_fewer_steps(double temperature, int width, double share)
    {
        var shape = new DraftShape(16, width, 0, 1 + 16 * width);
        var sampling = new SamplingOptions { Temperature = temperature, Seed = 7, RepetitionPenalty = temperature > 0 ? 1.05 : 1 };
        (int withoutSteps, int withoutRows) = Run(Repeating, shape, sampling, looksUp: false);
        (int steps, int rows) = Run(Repeating, shape, sampling, looksUp: true);

        Assert.True(steps <= share * withoutSteps, $"{steps} steps with guesses, {withoutSteps} without");
        // Those that fail are rows, too: a quarter more at most.
        Assert.InRange(rows, steps, withoutRows * 5 / 4);
    }

    [Fact]
    public void A_story_costs_a_few_rows_more_at_most_and_no_steps()
    {
        var shape = new DraftShape(16, 1, 0, 17);
        var sampling = new SamplingOptions { Temperature = 1, Seed = 3 };
        (int withoutSteps, int withoutRows) = Run(DemoModel.Story, shape, sampling, looksUp: false);
        (int steps, int rows) = Run(DemoModel.Story, shape, sampling, looksUp: true);

        Assert.InRange(steps, 1, withoutSteps);
        Assert.InRange(rows, 1, withoutRows * 105 / 100);
    }

    [Fact]
    public void Sequences_share_what_rows_a_step_has_left()
    {
        var shape = new DraftShape(12, 2, 0, 25);
        EngineDriver.Job[] jobs =
        [
            .. Enumerable.Range(0, 6).Select(i => new EngineDriver.Job(i % 2 == 0 ? Repeating : DemoModel.Story, 25, shape, SamplingOptions.Greedy) { LooksUp = i < 5 }),
        ];
        using var many = new DemoEngine(DemoModel.Options with { Sequences = 6, DraftRows = 16, TreeRows = 32, Context = 256 });
        List<int> repeating = many.Driver.Generate(Repeating, 25, DraftShape.None, SamplingOptions.Greedy), story = many.Driver.Generate(DemoModel.Story, 25, DraftShape.None, SamplingOptions.Greedy);

        List<List<int>> together = many.Driver.Generate(jobs);

        for (int i = 0; i < jobs.Length; i++) Assert.Equal(i % 2 == 0 ? repeating : story, together[i]);
        int steps = many.Driver.DraftSteps;
        List<List<int>> without = many.Driver.Generate([.. jobs.Select(j => j with { LooksUp = false })]);
        Assert.Equal(together, without);
        Assert.InRange(steps, 1, many.Driver.DraftSteps - steps);
    }

    /// <summary>An engine of its own: what it has learned decides about the shapes of trees.</summary>
    private static (int Steps, int Rows) Run(int[] prompt, DraftShape shape, SamplingOptions sampling, bool looksUp)
    {
        using var demo = new DemoEngine();
        Assert.Equal(demo.Driver.Generate(prompt, Tokens, DraftShape.None, sampling), demo.Driver.Generate([new EngineDriver.Job(prompt, Tokens, shape, sampling) { LooksUp = looksUp }])[0]);
        return (demo.Driver.DraftSteps, demo.Driver.DraftRows);
    }
}
