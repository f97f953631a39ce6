using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class TreeGrowthTests
{
    [Fact]
    public void Every_tree_keeps_to_its_shape_and_its_scores_fall_along_every_path()
    {
        var random = new Random(21);
        for (int i = 0; i < 2000; i++)
        {
            var shape = new DraftShape(random.Next(0, 9), random.Next(1, 7), random.Next(2) == 0 ? 0 : random.NextDouble(), random.Next(1, 40));
            TokenTree tree = Grow(random, shape, out List<int> steps);
            ImmutableArray<TreeNode> nodes = tree.Nodes;

            Assert.InRange(tree.Depth, 0, shape.Depth);
            Assert.InRange(tree.Count, 1, shape.MaxNodes);
            Assert.All(steps, added => Assert.InRange(added, 0, shape.Width));
            Assert.Equal(tree.Count - 1, steps.Sum());
            for (int node = 1; node < nodes.Length; node++)
            {
                Assert.InRange(nodes[node].Parent, 0, node - 1);
                Assert.InRange(nodes[node].Score, (float)shape.Floor, nodes[nodes[node].Parent].Score);
                Assert.InRange(nodes[node].Rank, 0, shape.Width - 1);
                Assert.True(nodes[node].Margin >= 0);
            }
        }
    }

    [Fact]
    public void A_step_keeps_the_most_probable_of_all_offered_children()
    {
        var calibration = new AcceptanceCalibration();
        var growth = new TreeGrowth(0, new DraftShape(4, 2, 0, 99), calibration);
        growth.Offer(0, Ranked((5, 9.0), (6, 8.9), (7, 1)));
        growth.Step();
        Assert.Equal((1, 3), growth.Frontier);
        Assert.Equal([5, 6], new[] { growth[1].Token, growth[2].Token });
        Assert.Equal([5, -1], new[] { growth[0].DraftChoice, growth[1].DraftChoice });

        // The first node's children are nearly tied and the second's are not: both best children outweigh both second ones.
        growth.Offer(1, Ranked((1, 5), (2, 4.9)));
        growth.Offer(2, Ranked((3, 30), (4, 2)));
        growth.Step();
        double[] scores =
        [
            growth[1].Score * calibration.Probability(0, 0.1), growth[1].Score * calibration.Probability(1, 0.1),
            growth[2].Score * calibration.Probability(0, 28), growth[2].Score * calibration.Probability(1, 28),
        ];
        int[] tokens = [1, 2, 3, 4];
        Assert.Equal(tokens.Zip(scores).OrderByDescending(p => p.Second).Take(2).Select(p => p.First).Order(), new[] { growth[3].Token, growth[4].Token }.Order());
        Assert.Equal(2, growth.Depth);
    }

    [Fact]
    public void A_floor_that_no_child_reaches_ends_the_growth()
    {
        var growth = new TreeGrowth(3, new DraftShape(5, 2, Floor: 1, 10), new AcceptanceCalibration());
        growth.Offer(0, Ranked((1, 4), (2, 3)));
        growth.Step();
        Assert.True(growth.IsComplete);
        Assert.Equal(1, growth.ToTree().Count);
    }

    [Fact]
    public void A_shape_of_depth_0_is_complete_at_once_and_leaves_the_root_alone()
    {
        var growth = new TreeGrowth(3, DraftShape.None, new AcceptanceCalibration());
        Assert.True(growth.IsComplete);
        TokenTree tree = growth.ToTree();
        Assert.Equal((1, 3), (tree.Count, tree.Nodes[0].Token));
    }

    [Fact]
    public void A_chain_asks_for_two_children_so_that_the_margin_is_known()
    {
        var growth = new TreeGrowth(0, new DraftShape(3, 1, 0, 9), new AcceptanceCalibration());
        Assert.Equal(2, growth.ChildrenPerNode);
        growth.Offer(0, Ranked((4, 2.5), (8, 2)));
        growth.Step();
        Assert.Equal(new TreeNode(4, 0, 0, 0.5f, growth[1].Score), growth[1]);
        Assert.Equal(2, growth.Count);
    }

    [Fact]
    public void An_only_child_is_taken_for_certain_rather_than_for_a_tie()
    {
        var growth = new TreeGrowth(0, new DraftShape(1, 2, 0, 9), new AcceptanceCalibration());
        growth.Offer(0, Ranked((4, 2.5)));
        growth.Step();
        Assert.InRange(growth[1].Score, 0.99f, 1);
        Assert.True(float.IsFinite(growth[1].Margin));
    }

    [Fact]
    public void The_best_of_all_offers_is_taken_however_far_up_it_stands()
    {
        var growth = new TreeGrowth(0, new DraftShape(6, 2, 0, 99), new AcceptanceCalibration());
        // A tie at the root: its second choice is likelier than anything below two sure first ones' second choices.
        growth.Offer(0, Ranked((1, 5), (2, 5), (3, 5)));
        growth.Step();
        growth.Offer(1, Ranked((4, 1), (5, 1)));
        growth.Offer(2, Ranked((6, 40), (7, 1)));
        growth.Step();
        float[] frontier = [.. Enumerable.Range(growth.Frontier.Start, 2).Select(n => growth[n].Score)];
        Assert.Equal(6, growth[growth.Frontier.Start + 1].Token);
        growth.Offer(growth.Frontier.Start, Ranked((8, 1), (9, 1)));
        growth.Offer(growth.Frontier.Start + 1, Ranked((10, 1), (11, 1)));
        growth.Step();
        // What was left over above outweighs the children of what is deeper.
        Assert.Contains(Enumerable.Range(growth.Frontier.Start, 2), n => growth.DepthOf(n) == 2);
        Assert.True(frontier.Min() >= growth[growth.Frontier.Start].Score);
    }

    [Fact]
    public void A_step_that_does_not_bring_its_price_ends_the_growth_and_its_nodes_stay_as_leaves()
    {
        DraftShape shape = new DraftShape(9, 2, 0, 99) with { Prices = new DraftPrices(Step: 0.9, StepRow: 0, Row: 0, FreeRows: 0) };
        var growth = new TreeGrowth(0, shape, new AcceptanceCalibration());
        growth.Offer(0, Ranked((1, 30), (2, 1)));
        growth.Step();
        Assert.False(growth.IsComplete);
        growth.Offer(1, Ranked((3, 0.1), (4, 0)));
        growth.Offer(2, Ranked((5, 0.1), (6, 0)));
        growth.Step();
        Assert.True(growth.IsComplete);
        Assert.Equal(5, growth.ToTree().Count);
    }

    [Fact]
    public void Leaves_take_no_step_and_do_not_pay_for_one()
    {
        // Near ties: scores near 0.5 and 0.35, less than a row of a step and a row of the pass cost together, more than the latter alone.
        DraftShape shape = new DraftShape(9, 2, 0, 99) with { Prices = new DraftPrices(Step: 0, StepRow: 0.6, Row: 0.1, FreeRows: 0) };
        var growth = new TreeGrowth(0, shape, new AcceptanceCalibration());
        growth.Offer(0, Ranked((1, 0.1), (2, 0)));
        growth.Step();
        Assert.True(growth.IsComplete);
        Assert.Equal([1, 2], growth.ToTree().Nodes.Skip(1).Select(n => n.Token));
    }

    [Fact]
    public void Rows_beyond_the_free_ones_have_to_bring_their_price()
    {
        DraftShape shape = new DraftShape(9, 4, 0, 99) with { Prices = new DraftPrices(Step: 0, StepRow: 0, Row: 0.4, FreeRows: 3) };
        var growth = new TreeGrowth(0, shape, new AcceptanceCalibration());
        // Scores near 0.5, 0.35, 0.1 and 0.03: the root and two children are free, the third does not pay.
        growth.Offer(0, Ranked((1, 2), (2, 2), (3, 1), (4, 0)));
        growth.Step();
        Assert.Equal([1, 2], Enumerable.Range(1, growth.Count - 1).Select(n => growth[n].Token));
    }

    private static TokenTree Grow(Random random, DraftShape shape, out List<int> steps)
    {
        steps = [];
        var growth = new TreeGrowth(random.Next(100), shape, new AcceptanceCalibration());
        while (!growth.IsComplete)
        {
            (int start, int end) = growth.Frontier;
            for (int node = start; node < end; node++)
            {
                int[] tokens = [.. Enumerable.Range(0, 100).OrderBy(_ => random.Next()).Take(random.Next(1, growth.ChildrenPerNode + 1))];
                growth.Offer(node, [.. tokens.Select(t => new RankedToken(t, 10 * random.NextDouble())).OrderByDescending(r => r.Value)]);
            }
            int before = growth.Count;
            growth.Step();
            steps.Add(growth.Count - before);
        }
        return growth.ToTree();
    }

    private static RankedToken[] Ranked(params (int Token, double Value)[] ranked) => [.. ranked.Select(r => new RankedToken(r.Token, r.Value))];
}
