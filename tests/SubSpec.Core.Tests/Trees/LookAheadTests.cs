using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

/// <summary>Trees that grow on below what is verified.</summary>
public class LookAheadTests
{
    private static readonly AcceptanceCalibration Calibration = new();

    private static readonly DraftShape Chain = new(3, 1, 0, 4);

    [Fact]
    public void A_chain_looks_one_step_ahead_before_it_is_handed_out_and_hands_out_nothing_of_it()
    {
        TreeGrowth growth = Grow(Chain, node => (100 + node, 200 + node));
        Assert.True(growth.IsComplete);
        Assert.Equal((4, 4), (growth.VerifiedCount, growth.ToTree().Count));
        Assert.True(growth.Count > 4);
        // The draft has chosen after every verified node: none of them has to be run again.
        Assert.All(growth.ToTree().Nodes, node => Assert.True(node.DraftChoice >= 0));
        Assert.Equal(4, growth.Frontier.Start);
        Assert.True(growth.CanLookAhead);
    }

    [Fact]
    public void Room_that_the_steps_leave_goes_to_second_choices_as_leaves()
    {
        TreeGrowth growth = Grow(Chain with { MaxNodes = 6 }, node => (100 + node, 200 + node), margin: 0.2);
        TreeNode[] leaves = [.. growth.ToTree().Nodes.Skip(4)];
        Assert.Equal(2, leaves.Length);
        Assert.All(leaves, leaf => Assert.Equal((1, -1), (leaf.Rank, leaf.DraftChoice)));
        Assert.InRange(growth.ToTree().Depth, 1, Chain.Depth);
        // No draft step looks behind them: the pass writes their KV.
        Assert.Equal((6, 6), (growth.VerifiedCount, growth.Frontier.Start));
    }

    [Fact]
    public void A_hit_does_not_have_to_pay_a_step_that_a_round_of_many_trees_would_share()
    {
        DraftShape shared = Chain with { Prices = new DraftPrices(Step: 5, StepRow: 0, Row: 0, FreeRows: 99) };
        TreeGrowth growth = Grow(Chain, node => (100 + node, 200 + node));
        for (int i = 0; i < 2; i++) Step(growth, node => (100 + node, 200 + node));
        // An ending beside the path, which the draft has looked behind, while nothing of what it offered there was taken.
        int hit = Enumerable.Range(4, growth.Frontier.Start - 4).First(n => growth[n].Parent < 4 && !Enumerable.Range(n, growth.Count - n).Any(c => growth[c].Parent == n));

        TreeGrowth below = growth.Reroot(growth[hit].Parent, growth[hit].Token, shared, out _)!;

        Assert.InRange(below.Count, 2, 4);
        Assert.False(below.IsComplete);
    }

    [Fact]
    public void A_hit_below_the_last_node_keeps_what_stands_there()
    {
        TreeGrowth growth = Grow(Chain, node => (100 + node, 200 + node));
        int hit = Enumerable.Range(4, growth.Count - 4).Single(n => growth[n].Parent == 3), bonus = growth[hit].Token;
        Step(growth, node => (100 + node, 200 + node));

        TreeGrowth below = growth.Reroot(end: 3, bonus, Chain, out ImmutableArray<int> kept)!;

        Assert.Equal(hit, kept[0]);
        Assert.Equal(bonus, below[0].Token);
        Assert.Equal(-1, below[0].Parent);
        Assert.Equal(kept.Select(n => growth[n].Token), Enumerable.Range(0, below.Count).Select(n => below[n].Token).Take(kept.Length));
        for (int i = 1; i < kept.Length; i++)
        {
            Assert.Equal(growth[kept[i]].Parent, kept[below[i].Parent]);
            Assert.Equal(growth.DepthOf(kept[i]) - growth.DepthOf(hit), below.DepthOf(i));
        }
        // What was run is not run again, what was not is the frontier.
        Assert.Equal(kept.Count(n => n < growth.Frontier.Start), below.Frontier.Start);
    }

    [Fact]
    public void An_ending_beside_the_path_is_a_hit_too_and_anything_else_is_a_miss()
    {
        // Ties all along: second choices are as probable as first ones.
        TreeGrowth growth = Grow(Chain, node => (100 + node, 200 + node), margin: 0.01);
        for (int steps = 0; steps < 4; steps++) Step(growth, node => (100 + node, 200 + node), margin: 0.01);
        int beside = Enumerable.Range(growth.VerifiedCount, growth.Count - growth.VerifiedCount).First(n => growth[n].Parent < 3);

        Assert.Equal(growth[beside].Token, growth.Reroot(growth[beside].Parent, growth[beside].Token, Chain, out _)![0].Token);
        Assert.Null(growth.Reroot(end: 1, bonus: 999, Chain, out ImmutableArray<int> kept));
        Assert.Empty(kept);
    }

    [Fact]
    public void Below_a_prompt_everything_is_looked_ahead_and_the_first_token_is_the_next_root()
    {
        var growth = TreeGrowth.AfterPrompt(7, Chain with { Depth = 6, MaxNodes = 12 }, Calibration, aheadCapacity: 40);
        Assert.Equal((false, (0, 1)), (growth.IsComplete, growth.Frontier));

        Step(growth, node => (100 + node, 200 + node));
        Assert.Equal((true, 1), (growth.IsComplete, growth.ToTree().Count));
        for (int steps = 0; steps < 3; steps++) Step(growth, node => (100 + node, 200 + node));

        TreeGrowth below = growth.Reroot(end: 0, bonus: 100, Chain with { Depth = 6, MaxNodes = 12 }, out ImmutableArray<int> kept)!;
        Assert.Equal((100, -1), (below[0].Token, below[0].Parent));
        Assert.InRange(below.Depth, 2, 6);
        Assert.Equal(kept.Count(n => n < growth.Frontier.Start), below.Frontier.Start);
        Assert.False(below.IsComplete);
    }

    [Fact]
    public void Below_a_prompt_that_the_draft_has_not_read_in_time_nothing_is_kept() =>
        Assert.Null(TreeGrowth.AfterPrompt(7, Chain, Calibration, aheadCapacity: 40).Reroot(end: 0, bonus: 100, Chain, out _));

    [Fact]
    public void A_rerooted_tree_grows_on_to_a_whole_one_of_distinct_siblings()
    {
        for (int seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var shape = new DraftShape(random.Next(1, 9), random.Next(1, 4), random.NextDouble() * 0.1, random.Next(2, 20));
            shape = shape with { Depth = Math.Min(shape.Depth, shape.MaxNodes - 1) };
            (int, int) Tokens(int node) => (random.Next(50), 50 + random.Next(50));
            TreeGrowth growth = Grow(shape, Tokens, random.NextDouble() * 3, capacity: random.Next(shape.MaxNodes, 60));
            for (int round = 0; round < 5; round++)
            {
                TokenTree verified = growth.ToTree();
                Assert.InRange(verified.Count, 1, shape.MaxNodes);
                for (int steps = random.Next(8); steps > 0 && growth.CanLookAhead; steps--) Step(growth, Tokens, random.NextDouble() * 3);
                Assert.Equal(verified.Nodes.Select(n => n.Token), growth.ToTree().Nodes.Select(n => n.Token));
                (int End, int Node)[] endings = [.. Endings(growth)];
                if (endings.Length == 0) break;
                (int end, int hit) = endings[random.Next(endings.Length)];
                TreeGrowth? below = growth.Reroot(end, growth[hit].Token, shape, out ImmutableArray<int> kept);
                Assert.NotNull(below);
                Assert.InRange(kept.Length, 1, shape.MaxNodes);
                Assert.Equal(kept, kept.Order());
                Assert.Equal(hit, kept[0]);
                growth = below;
                for (int steps = 0; !growth.IsComplete; steps++)
                {
                    Assert.InRange(steps, 0, 100);
                    Step(growth, Tokens, random.NextDouble() * 3);
                }
            }
        }
    }

    [Fact]
    public void What_follows_a_leaf_is_drafted_below_its_twin()
    {
        TreeGrowth growth = Grow(Chain with { MaxNodes = 6 }, node => (100 + node, 200 + node), margin: 0.2);
        int leaf = Enumerable.Range(4, 2).MaxBy(n => growth[n].Score);
        int Twin() => Enumerable.Range(6, growth.Count - 6).FirstOrDefault(n => (growth[n].Parent, growth[n].Token) == (growth[leaf].Parent, growth[leaf].Token), -1);
        Assert.Null(growth.Reroot(leaf, 999, Chain, out _));
        for (int steps = 0; Twin() < 0 || Twin() >= growth.Frontier.Start; steps++)
        {
            Assert.True(steps < 9 && growth.CanLookAhead, "the leaf was not looked behind");
            Step(growth, node => (100 + node, 200 + node), margin: 0.2);
        }
        for (int steps = 0; !Endings(growth).Any(e => e.End == leaf); steps++)
        {
            Assert.True(steps < 9 && growth.CanLookAhead, "nothing was drafted behind the leaf");
            Step(growth, node => (100 + node, 200 + node), margin: 0.2);
        }

        TreeGrowth below = growth.Reroot(leaf, bonus: Endings(growth).Where(e => e.End == leaf).Select(e => growth[e.Node].Token).First(), Chain, out ImmutableArray<int> kept)!;

        Assert.DoesNotContain(Twin(), kept);
        Assert.Equal(Twin(), growth[kept[0]].Parent);
        Assert.Equal((0, -1), (below.DepthOf(0), below[0].Parent));
        // The leaf itself is still what the pass verifies: its KV is not the draft's to write.
        Assert.Equal(6, growth.VerifiedCount);
    }

    [Fact]
    public void While_a_step_has_its_price_the_likeliest_endings_are_drafted_deep_before_others_are_begun()
    {
        // Every second choice on the path is an ending; a step costs 0.2 tokens, a row of it hardly anything.
        DraftShape shape = new DraftShape(12, 1, 0, 13) with { Prices = new DraftPrices(Step: 0.2, StepRow: 0.001, Row: 0, FreeRows: 99), AheadWidth = 1 };
        TreeGrowth growth = Grow(shape, node => (100 + node, 200 + node), margin: 2.5, capacity: 200);
        int verified = growth.VerifiedCount;
        for (int steps = 0; steps < 11; steps++) Step(growth, node => (100 + node, 200 + node), margin: 2.5);

        // A chain of first choices below the deepest node, and nothing beside it, though second choices up there are likelier to be reached than its end.
        int[] ahead = [.. Enumerable.Range(verified, growth.Count - verified)];
        Assert.Equal(12, growth.DepthOf(growth[ahead[0]].Parent));
        Assert.All(ahead.Skip(1), n => Assert.Equal((n - 1, 0), (growth[n].Parent, growth[n].Rank)));
        // Deeper than the next tree may be, none is of use: something else is begun.
        Step(growth, node => (100 + node, 200 + node), margin: 2.5);
        Assert.InRange(growth.DepthOf(growth.Count - 1), 1, 24);
    }

    /// <summary>Where the walk may end with a bonus token that was drafted: at a verified node, or at a leaf that has a twin.</summary>
    private static IEnumerable<(int End, int Node)> Endings(TreeGrowth growth)
    {
        int verified = growth.VerifiedCount;
        int Verified(int node) => node < verified
            ? node
            : Enumerable.Range(0, verified).FirstOrDefault(v => (growth[v].Parent, growth[v].Token) == (growth[node].Parent, growth[node].Token), -1);
        return Enumerable.Range(verified, growth.Count - verified).Where(n => Verified(n) < 0 && Verified(growth[n].Parent) >= 0).Select(n => (Verified(growth[n].Parent), n));
    }

    private static TreeGrowth Grow(DraftShape shape, Func<int, (int First, int Second)> tokens, double margin = 3, int capacity = 60)
    {
        var growth = new TreeGrowth(7, shape, Calibration, capacity);
        while (!growth.IsComplete) Step(growth, tokens, margin);
        return growth;
    }

    private static void Step(TreeGrowth growth, Func<int, (int First, int Second)> tokens, double margin = 3)
    {
        (int start, int end) = growth.Frontier;
        for (int node = start; node < end; node++)
        {
            (int first, int second) = tokens(node);
            growth.Offer(node, [new RankedToken(first, margin), new RankedToken(second, 0)]);
        }
        growth.Step();
    }
}
