using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

/// <summary>A step that takes guesses along: what the draft model offers itself stays, as if it had been offered and chosen in steps of its own.</summary>
public class GuessedGrowthTests
{
    private readonly AcceptanceCalibration _calibration = new();

    [Fact]
    public void Guesses_that_are_right_take_the_tree_as_many_steps_further()
    {
        TreeGrowth growth = New(new DraftShape(8, 1, 0, 99));
        growth.Guess([11, 12, 13]);
        Assert.Equal((0, 4), growth.Frontier);
        for (int node = 0; node < 4; node++) Offer(growth, node, 11 + node, 90);

        Assert.Equal((3, 0), growth.Settle(rows: 1));
        growth.Step();

        Assert.Equal((4, 5), growth.Frontier);
        TokenTree tree = growth.ToTree();
        Assert.Equal([10, 11, 12, 13, 14], tree.Nodes.Select(n => n.Token));
        Assert.Equal([-1, 0, 1, 2, 3], tree.Nodes.Select(n => n.Parent));
        Assert.Equal([11, 12, 13, 14, -1], tree.Nodes.Select(n => n.DraftChoice));
        Assert.Equal(4, growth.Depth);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void From_the_first_wrong_one_on_guesses_are_gone(int right)
    {
        TreeGrowth growth = New(new DraftShape(8, 1, 0, 99));
        growth.Guess([right > 0 ? 11 : 66, right > 1 ? 12 : 66, 66]);
        // The last one is what the draft would choose after a guess that it does not choose: it goes too.
        for (int node = 0; node < 4; node++)
        {
            Assert.Equal(node <= right, growth.Holds(node));
            if (node <= right) Offer(growth, node, 11 + node, 90);
        }

        Assert.Equal((right, 3 - right), growth.Settle(rows: 1));
        growth.Step();

        Assert.Equal([.. Enumerable.Range(10, right + 2)], growth.ToTree().Nodes.Select(n => n.Token));
        Assert.Equal(right + 1, growth.Depth);
        Assert.Equal((right + 1, right + 2), growth.Frontier);
    }

    [Fact]
    public void A_second_choice_holds_where_the_tree_is_two_wide_only()
    {
        foreach (int width in new[] { 1, 2 })
        {
            TreeGrowth growth = New(new DraftShape(8, width, 0, 99));
            growth.Guess([90]);
            Offer(growth, 0, 11, 90);
            Assert.Equal(width == 2, growth.Holds(1));
            if (width == 2)
            {
                Offer(growth, 1, 20, 21);
                Assert.Equal(1, growth[1].Rank);
                Assert.Equal((float)_calibration.Probability(1, 1), growth[1].Score);
            }
            growth.Settle(rows: 1);
            growth.Step();
            // Nothing is offered twice.
            Assert.Equal(width == 2 ? [10, 90, 11, 20] : [10, 11], growth.ToTree().Nodes.Select(n => n.Token));
        }
    }

    [Fact]
    public void Other_choices_that_the_saved_steps_would_have_brought_come_as_leaves()
    {
        TreeGrowth growth = New(new DraftShape(3, 2, 0, 99));
        growth.Guess([11, 12]);
        for (int node = 0; node < 3; node++) Offer(growth, node, 11 + node, 90 + node);
        growth.Settle(rows: 1);
        growth.Step();
        Assert.True(growth.IsComplete);
        Assert.Equal([10, 11, 12, 13, 90, 91, 92], growth.ToTree().Nodes.Select(n => n.Token).Order());
    }

    [Fact]
    public void Guesses_stand_below_the_likeliest_node_of_the_frontier()
    {
        TreeGrowth growth = New(new DraftShape(8, 2, 0, 99));
        Offer(growth, 0, 11, 90);
        growth.Step();
        growth.Guess([12]);
        Assert.Equal(Enumerable.Range(1, 2).MaxBy(n => growth[n].Score), growth[3].Parent);
    }

    [Fact]
    public void There_is_room_within_depth_and_rows_and_beside_no_tree_that_is_whole()
    {
        Assert.Equal((0, 2), New(new DraftShape(3, 1, 0, 99)).GuessesRoom);
        Assert.Equal((0, 3), New(new DraftShape(9, 1, 0, 5)).GuessesRoom);
        Assert.Equal((0, 0), New(new DraftShape(1, 1, 0, 9)).GuessesRoom);
        Assert.Equal(default, New(DraftShape.None).GuessesRoom);
        Assert.Throws<InvalidOperationException>(() => New(new DraftShape(3, 1, 0, 99)).Guess([1, 2, 3]));

        var ahead = new TreeGrowth(10, new DraftShape(1, 1, 0, 2), _calibration, aheadCapacity: 99);
        Offer(ahead, 0, 11, 90);
        ahead.Step();
        Assert.False(ahead.IsComplete);
        Assert.Equal(default, ahead.GuessesRoom);
        Offer(ahead, 1, 12, 91);
        ahead.Step();
        Assert.True(ahead.CanLookAhead);
        Assert.Equal(default, ahead.GuessesRoom);
    }

    [Fact]
    public void A_guess_below_the_floor_or_its_price_does_not_hold()
    {
        DraftShape shape = new(8, 2, 0, 99);
        foreach (DraftShape strict in new[] { shape with { Floor = 0.99 }, shape with { Prices = new DraftPrices(0.1, 0.1, 0.99, FreeRows: 1) } })
        {
            TreeGrowth growth = New(strict);
            growth.Guess([11]);
            Offer(growth, 0, 11, 90);
            Assert.False(growth.Holds(1));
        }
    }

    [Fact]
    public void Whatever_is_guessed_every_node_is_one_that_its_parent_has_offered_and_a_chain_is_the_one_that_grows_without()
    {
        var random = new Random(9);
        int spared = 0;
        for (int run = 0; run < 1000; run++)
        {
            var shape = new DraftShape(random.Next(0, 12), run % 2 == 0 ? 1 : random.Next(2, 5), random.Next(2) * 0.05, random.Next(1, 40));
            int salt = random.Next();
            int? ahead = random.Next(2) == 0 ? 99 : null;
            (TreeGrowth plain, int plainSteps) = Grow(shape, salt, ahead, guesses: null);
            (TreeGrowth guessed, int steps) = Grow(shape, salt, ahead, random);

            TokenTree tree = guessed.ToTree();
            Assert.InRange(tree.Depth, 0, shape.Depth);
            Assert.InRange(tree.Count, 1, shape.MaxNodes);
            for (int node = 1; node < tree.Count; node++)
            {
                TreeNode n = tree.Nodes[node];
                RankedToken[] ranked = Ranked(guessed, n.Parent, salt);
                Assert.Equal(ranked[n.Rank].Token, n.Token);
                double margin = ranked[0].Value - ranked[1].Value;
                Assert.Equal((float)margin, n.Margin);
                Assert.Equal((float)(tree.Nodes[n.Parent].Score * _calibration.Probability(n.Rank, margin)), n.Score);
                if (ahead is null) Assert.InRange(n.Rank, 0, shape.Width - 1);
            }
            if (shape.Width > 1) continue;
            Assert.Equal(plain.ToTree().Nodes.AsEnumerable(), tree.Nodes);
            Assert.InRange(steps, 0, plainSteps);
            spared += plainSteps - steps;
        }
        Assert.InRange(spared, 200, int.MaxValue);
    }

    private (TreeGrowth Growth, int Steps) Grow(DraftShape shape, int salt, int? ahead, Random? guesses)
    {
        var growth = new TreeGrowth(10, shape, _calibration, ahead);
        int steps = 0;
        for (; !growth.IsComplete; steps++)
        {
            if (guesses is not null && growth.GuessesRoom is ({ } parent, > 0 and { } most)) growth.Guess(SomeRight(growth, parent, Math.Min(most, guesses.Next(4)), salt, guesses));
            (int start, int end) = growth.Frontier;
            for (int node = start; node < end; node++)
                if (growth.Holds(node)) growth.Offer(node, Ranked(growth, node, salt).AsSpan(0, growth.ChildrenPerNode));
            growth.Settle(rows: 1);
            growth.Step();
        }
        return (growth, steps);
    }

    private static int[] SomeRight(TreeGrowth growth, int parent, int count, int salt, Random random)
    {
        List<int> path = Path(growth, parent);
        for (int i = 0; i < count; i++) path.Add(random.Next(4) == 0 ? random.Next(1000) : Ranked(path, salt)[random.Next(5) == 0 ? 1 : 0].Token);
        return [.. path[^count..]];
    }

    private static List<int> Path(TreeGrowth growth, int node)
    {
        List<int> path = node == 0 ? [] : Path(growth, growth[node].Parent);
        path.Add(growth[node].Token);
        return path;
    }

    private static RankedToken[] Ranked(TreeGrowth growth, int node, int salt) => Ranked(Path(growth, node), salt);

    /// <summary>A draft model: what it says depends on the path alone.</summary>
    private static RankedToken[] Ranked(List<int> path, int salt)
    {
        var random = new Random(path.Aggregate(salt, (seed, token) => unchecked(seed * 31 + token)));
        int first = random.Next(1000);
        double value = 9;
        return [.. Enumerable.Range(0, 5).Select(i => new RankedToken((first + i) % 1000, value -= 3 * random.NextDouble()))];
    }

    private TreeGrowth New(DraftShape shape) => new(10, shape, _calibration);

    private static void Offer(TreeGrowth growth, int node, int first, int second)
    {
        if (growth.Holds(node)) growth.Offer(node, [new RankedToken(first, 4), new RankedToken(second, 3)]);
    }
}
