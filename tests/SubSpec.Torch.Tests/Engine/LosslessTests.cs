using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Speculation gives the tokens of plain decoding: exactly, in every shape, alone and beside others.</summary>
public class LosslessTests(DemoEngine demo) : IClassFixture<DemoEngine>
{
    private const int Tokens = 60;

    private static readonly SamplingOptions[] Samplings =
    [
        SamplingOptions.Greedy,
        new() { Temperature = 0.8, Seed = 7 },
        new() { Temperature = 1.2, TopP = 0.95, RepetitionPenalty = 1.1, PresencePenalty = 0.2, FrequencyPenalty = 0.1, Seed = 8 },
    ];

    private static readonly DraftShape[] Shapes = [new(12, 1, 0, 13), new(48, 1, 0.05, 49), new(8, 4, 0.01, 32), new(7, 8, 0, 57)];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Drafted_trees_of_any_width_give_the_tokens_of_plain_decoding(int sampling)
    {
        List<int> plain = demo.Driver.Generate(DemoModel.Story, Tokens, DraftShape.None, Samplings[sampling]);
        foreach (DraftShape shape in Shapes)
        {
            int accepted = demo.Driver.Accepted;

            Assert.Equal(plain, demo.Driver.Generate(DemoModel.Story, Tokens, shape, Samplings[sampling]));
            Assert.InRange(demo.Driver.Accepted - accepted, plain.Count / 4, plain.Count);
        }
    }

    [Fact]
    public void Sequences_that_share_passes_and_draft_steps_get_the_tokens_they_get_alone()
    {
        EngineDriver.Job[] jobs =
        [
            new(DemoModel.Story, 40, new DraftShape(6, 4, 0, 20), Samplings[0]),
            new(DemoText.Encode("The dog ran to the big tree."), 25, new DraftShape(5, 1, 0, 6), Samplings[1]),
            new(DemoText.Encode("One day, a boy"), 33, DraftShape.None, Samplings[2]),
            new(DemoText.Encode("Tom and Sam were best friends. They liked to play"), 30, new DraftShape(4, 8, 0, 24), Samplings[2]),
        ];
        List<int>[] alone = [.. jobs.Select(j => demo.Driver.Generate(j.Prompt, j.MaxTokens, DraftShape.None, j.Sampling))];

        Assert.Equal(alone, demo.Driver.Generate(jobs, chunkRows: 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void Prompt_chunks_of_any_size_give_the_same_tokens(int chunkRows)
    {
        List<int> whole = demo.Driver.Generate(DemoModel.Story, 20, DraftShape.None, Samplings[1]);

        Assert.Equal(whole, demo.Driver.Generate(DemoModel.Story, 20, Shapes[2], Samplings[1], chunkRows));
    }
}
