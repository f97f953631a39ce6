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
    public void A_histogram_is_drawn_as_it_is()
    {
        var measured = new MeasuredAcceptance(3, 1, [1, 0, 1, 2]);
        Assert.Equal([0, 2, 3, 3], new[] { 0.2, 0.3, 0.6, 0.99 }.Select(measured.Draw));
        Assert.Equal(8.0 / 10, measured.FirstChoice);
        Assert.Same(measured, new AcceptanceModel(0.5, [measured]).Of(new DraftShape(3, 1, 0.2, 4)));
        Assert.Null(new AcceptanceModel(0.5, [measured]).Of(new DraftShape(3, 2, 0.2, 7)));
    }

    [Fact]
    public void Results_of_bench_and_run_and_a_file_by_hand_are_read()
    {
        AcceptanceModel bench = AcceptanceFile.Parse(
            """{"rows":[{"agreement":null,"rounds":3,"acceptance_histogram":[3],"draft_depth":0},{"agreement":0.9,"rounds":1,"draft_depth":2,"draft_width":1,"acceptance_histogram":[0,0,1]},{"agreement":0.8,"rounds":3}]}""", "x");
        Assert.Equal(0.825, bench.FirstChoice, 1e-9);
        Assert.Equal(2, Assert.Single(bench.Measured).Depth);
        Assert.Equal(0.7, AcceptanceFile.Parse("""{"stats":{"agreement":0.7,"rounds":9,"acceptance_histogram":[1,8]}}""", "x").FirstChoice);
        Assert.Equal(0.95, AcceptanceFile.Parse("""{"first_choice":0.95}""", "x").FirstChoice);
        Assert.Equal(0.5, AcceptanceFile.Parse("""{"acceptance_histogram":[2,1,0,0,1],"draft_depth":4,"draft_width":1}""", "x").FirstChoice, 0.13);
    }

    [Theory]
    [InlineData("[]", "no JSON object")]
    [InlineData("{", "not JSON")]
    [InlineData("{}", "says nothing about acceptance")]
    [InlineData("""{"first_choice":1.5}""", "says nothing about acceptance")]
    [InlineData("""{"acceptance_histogram":[1,-2]}""", "-2")]
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
            var tree = new GrownTree(new SimulatedText(5, i, 0.9), root: 0, shape, calibration);
            while (!tree.IsComplete) tree.Step();
            trees.Add((tree.Rows, tree.Accepted()));
        }
        return trees;
    }
}
