using SubSpec.Core.Simulation;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Simulation;

public class AcceptanceTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(0.8)]
    [InlineData(0.97)]
    public void The_first_choice_is_right_as_often_as_was_asked(double first)
    {
        var text = new SimulatedText(seed: 3, text: 1, first);
        Assert.Equal(first, Enumerable.Range(0, 20_000).Average(i => text.TargetRank(i) == 0 ? 1.0 : 0), 0.015);
    }

    [Fact]
    public void A_wide_tree_is_accepted_further_than_a_chain_and_a_narrow_gap_less()
    {
        double chain = Tau(width: 1), wide = Tau(width: 4);
        Assert.True(wide > chain * 1.1, $"{wide} {chain}");
        // A chain accepts p + p^2 + ... + p^16 on average.
        Assert.Equal(Enumerable.Range(1, 16).Sum(k => Math.Pow(0.9, k)), chain, 0.6);
    }

    [Fact]
    public void Low_scores_end_a_tree_early()
    {
        Assert.True(Trees(new DraftShape(64, 1, 0.5, 65)).Average(t => t.Rows) < 40);
        Assert.All(Trees(new DraftShape(64, 1, 0, 65)), t => Assert.Equal(65, t.Rows));
    }

    [Fact]
    public void What_a_recorded_answer_shows_takes_the_place_of_what_is_drawn()
    {
        RoundWalk[] rounds =
        [
            new([new(0, 2), new(1, 0.25f)], new WalkEnd(0.5f, 2, false)), // positions 2 to 4: the last one's target is neither the first nor the second choice
            new([], new WalkEnd(null, 0, true)), // 5: right, but the tree went no further
            new([new(0, 4)], default), // 6 and 7: the tree was accepted to its end
        ];
        SimulatedText[] texts = [.. Enumerable.Range(0, 50).Select(i => new SimulatedText(1, i, 0.7, new RecordedText(new RecordedAnswer(4, 9, [.. rounds]))))];

        Assert.All(texts, t => Assert.Equal([(2.0, 0), (0.25, 1)], new[] { 2, 3 }.Select(p => (t.Gap(p), t.TargetRank(p)))));
        Assert.All(texts, t => Assert.Equal((0.5, true), (t.Gap(4), t.TargetRank(4) >= 2)));
        Assert.All(texts, t => Assert.Equal(0, t.TargetRank(5)));
        Assert.Equal(4, texts[0].Gap(6));
        Assert.InRange(texts.Count(t => t.TargetRank(7) == 0), 20, 48);
        Assert.True(texts.Select(t => t.Gap(7)).Distinct().Count() > 40);
    }

    [Fact]
    public void Results_of_bench_and_run_and_a_file_by_hand_are_read()
    {
        AcceptanceModel bench = AcceptanceFile.Parse(
            """
            {"max_tokens":64,"rows":[
              {"agreement":null,"rounds":3,"acceptance_histogram":[3],"draft_depth":0,"draft_width":1,"answers":[{"prompt_tokens":4,"tokens":4,"rounds":[{"ranks":[],"margins":[]}]}]},
              {"agreement":0.9,"rounds":1,"draft_depth":2,"draft_width":1,"answers":[{"prompt_tokens":4,"tokens":5,"rounds":[{"ranks":[0,1],"margins":[0.5,1,2],"end_held":1,"end_first":false}]}]},
              {"agreement":0.8,"rounds":3}]}
            """, "x");
        Assert.Equal(0.825, bench.FirstChoice, 1e-9);
        Assert.Equal((2, 1, 64), (bench.Recorded!.Depth, bench.Recorded.Width, bench.Recorded.MaxTokens));
        RecordedAnswer answer = Assert.Single(bench.Recorded.Answers);
        Assert.Equal((4, 5), (answer.PromptTokens, answer.Tokens));
        RoundWalk walk = Assert.Single(answer.Rounds);
        Assert.Equal([new(0, 0.5f), new(1, 1)], walk.Accepted.AsEnumerable());
        Assert.Equal(new WalkEnd(2, 1, false), walk.End);
        AcceptanceModel run = AcceptanceFile.Parse("""{"stats":{"agreement":0.7,"rounds":9,"acceptance_histogram":[1,8]}}""", "x");
        Assert.Equal((0.7, null), (run.FirstChoice, run.Recorded));
        Assert.Equal(0.95, AcceptanceFile.Parse("""{"first_choice":0.95}""", "x").FirstChoice);
        Assert.Equal(5.0 / 8, AcceptanceFile.Parse("""{"acceptance_histogram":[2,1,0,0,1],"draft_depth":4}""", "x").FirstChoice, 1e-9);
    }

    [Theory]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "says nothing about acceptance")]
    [InlineData("""{"first_choice":1.5}""", "says nothing about acceptance")]
    [InlineData("""{"acceptance_histogram":[1,-2]}""", "-2")]
    [InlineData("""{"rows":[{"agreement":0.5,"rounds":1,"draft_depth":2,"draft_width":1,"answers":[{"prompt_tokens":4,"tokens":5,"rounds":[{"ranks":[0,0],"margins":[1]}]}]}]}""", "2 ranks and 1 margins")]
    [InlineData("""{"rows":[{"agreement":0.5,"rounds":1,"draft_depth":2,"draft_width":1,"answers":[{"prompt_tokens":4,"tokens":5,"rounds":[{"ranks":[0],"margins":[-1]}]}]}]}""", "-1")]
    public void Other_files_are_refused_in_one_line(string json, string said)
    {
        string message = Assert.Throws<BadInputException>(() => AcceptanceFile.Parse(json, "file.json")).Message;
        Assert.Contains("file.json", message, StringComparison.Ordinal);
        Assert.Contains(said, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    private static double Tau(int width) => Trees(new DraftShape(16, width, 0, 1 + 16 * width)).Average(t => t.Accepted);

    private static List<(int Rows, int Accepted)> Trees(DraftShape shape)
    {
        var calibration = new AcceptanceCalibration();
        var trees = new List<(int, int)>();
        for (int i = 0; i < 400; i++)
        {
            var tree = new SimulatedTree(new SimulatedText(5, i, 0.9), root: 0, shape, calibration);
            while (tree.CanStep) SimulatedTree.StepAll([tree]);
            trees.Add((tree.Rows, tree.Accepted()));
        }
        return trees;
    }
}
