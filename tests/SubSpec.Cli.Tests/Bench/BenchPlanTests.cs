using SubSpec.Cli.Bench;
using SubSpec.Cli.Options;
using SubSpec.Core.Generation;
using SubSpec.Core.Trees;

namespace SubSpec.Cli.Tests.Bench;

public sealed class BenchPlanTests
{
    private static readonly BenchCase Plain = new(new Decoding("autoregressive", "prefetch", DraftShape.None), 1);
    private static readonly BenchCase Drafted = new(new Decoding("subspec", "prefetch", new DraftShape(4, 1, 0, 8)), 1);
    private static readonly BenchCase Pairs = Drafted with { Sessions = 2 };

    [Fact]
    public void Cases_take_turns_at_each_prompt() => Assert.Equal(
        [(1, Plain, "0"), (1, Drafted, "0"), (1, Plain, "1"), (1, Drafted, "1"), (2, Plain, "0"), (2, Drafted, "0"), (2, Plain, "1"), (2, Drafted, "1")],
        Steps(Plan(prompts: 2, repeat: 2, Plain, Drafted)));

    [Fact]
    public void Several_at_once_answer_groups_that_are_always_full() => Assert.Equal(
        [(1, Plain, "0"), (1, Pairs, "0,1,2,3,4,5"), (1, Plain, "1"), (1, Pairs, "6,0,1,2,3,4")],
        Steps(Plan(prompts: 7, repeat: 1, Plain, Pairs)).Take(4));

    [Fact]
    public void Plain_answers_are_short()
    {
        BenchPlan plan = Plan(1, 1, Plain, Drafted);
        Assert.Equal((12, 100), (plan.Request(Plain, 0).MaxTokens, plan.Request(Drafted, 0).MaxTokens));
    }

    private static BenchPlan Plan(int prompts, int repeat, params BenchCase[] cases)
    {
        var request = new GenerationRequest { Prompt = new Prompt.Text("a"), MaxTokens = 100 };
        return new BenchPlan([.. Enumerable.Repeat(request, prompts)], [.. cases], repeat, AutoregressiveTokens: 12, Seed: 0);
    }

    private static IEnumerable<(int, BenchCase, string)> Steps(BenchPlan plan) => plan.Steps().Select(s => (s.Repetition, s.Case, string.Join(',', s.Prompts)));
}
