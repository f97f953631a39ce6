using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class AcceptanceWalkTests
{
    //      0:10
    //   1:11   2:12
    // 3:13 4:14  5:15
    //        6:16
    private static readonly TokenTree Tree = new([new(10, -1), new(11, 0), new(12, 0, 1), new(13, 1), new(14, 1, 1), new(15, 2), new(16, 4)]);

    [Fact]
    public void The_walk_follows_the_targets_choices_to_the_first_that_no_child_holds()
    {
        Acceptance found = Walk(Tree, node => node switch { 0 => 11, 1 => 14, 4 => 99, _ => -1 });
        Assert.Equal<int>([0, 1, 4], found.Nodes);
        Assert.Equal(99, found.Bonus);
        Assert.Equal(2, found.Accepted);
        Assert.Equal<int>([11, 14, 99], found.TokensOf(Tree));
    }

    [Fact]
    public void A_choice_that_nobody_drafted_is_the_bonus_at_once()
    {
        Acceptance found = Walk(Tree, _ => 77);
        Assert.Equal<int>([0], found.Nodes);
        Assert.Equal((0, 77), (found.Accepted, found.Bonus));
    }

    [Fact]
    public void A_tree_cut_at_its_depth_still_gives_the_bonus_after_its_deepest_node()
    {
        Acceptance found = Walk(TokenTree.Chain([1, 2, 3]), node => node + 2);
        Assert.Equal<int>([0, 1, 2], found.Nodes);
        Assert.Equal((2, 4), (found.Accepted, found.Bonus));
    }

    [Fact]
    public void A_token_of_another_branch_is_no_match()
    {
        Acceptance found = Walk(Tree, node => node == 0 ? 12 : 14);
        Assert.Equal<int>([0, 2], found.Nodes);
        Assert.Equal(14, found.Bonus);
    }

    [Fact]
    public void A_root_alone_is_a_step_of_plain_decoding() => Assert.Equal<int>([5], Walk(TokenTree.Chain([1]), _ => 5).TokensOf(TokenTree.Chain([1])));

    [Fact]
    public void Only_visited_nodes_are_asked_for_a_choice_each_once_with_the_history_of_its_path()
    {
        var options = new SamplingOptions { FrequencyPenalty = 1 };
        List<(int Node, string Output)> asked = [];
        AcceptanceWalk.Walk(Tree, options, TokenHistory.For(options, [1]).Add(10, options), (node, history) =>
        {
            asked.Add((node, string.Join(' ', history.Output.OrderBy(o => o.Key).Select(o => o.Key))));
            return node switch { 0 => 11, 1 => 14, 4 => 16, _ => 10 };
        });
        Assert.Equal([(0, "10"), (1, "10 11"), (4, "10 11 14"), (6, "10 11 14 16")], asked);
    }

    [Fact]
    public void Agreement_compares_the_drafts_own_choices_with_the_targets_whether_they_are_in_the_tree_or_not()
    {
        // The draft chose 11, then 50 (kept out of the tree), and did not look behind node 4; node 2 is not on the walk.
        TokenTree tree = new([.. Tree.Nodes.Select((n, i) => n with { DraftChoice = i switch { 0 => 11, 1 => 50, 2 => 15, _ => -1 } })]);
        Assert.Equal(new DraftAgreement(2, 1), Walk(tree, node => node switch { 0 => 11, 1 => 14, _ => 99 }).AgreementIn(tree));
        Assert.Equal(new DraftAgreement(2, 2), Walk(tree, node => node == 0 ? 11 : 50).AgreementIn(tree));
        Assert.Equal(new DraftAgreement(0, 0), Walk(Tree, _ => 77).AgreementIn(Tree));
    }

    [Fact]
    public void Observation_counts_the_children_of_visited_nodes_and_no_others()
    {
        var seen = new AcceptanceCalibration();
        var expected = new AcceptanceCalibration();
        AcceptanceWalk.Observe(Tree, Walk(Tree, node => node == 0 ? 11 : 99), seen);
        foreach ((int node, bool chosen) in new[] { (1, true), (2, false), (3, false), (4, false) })
            expected.Observe(Tree.Nodes[node].Rank, Tree.Nodes[node].Margin, chosen);

        Assert.Equal(expected.Probability(0, 0), seen.Probability(0, 0));
        Assert.Equal(expected.Probability(1, 0), seen.Probability(1, 0));
        Assert.NotEqual(new AcceptanceCalibration().Probability(1, 0), seen.Probability(1, 0));
    }

    private static Acceptance Walk(TokenTree tree, Func<int, int> choose) =>
        AcceptanceWalk.Walk(tree, SamplingOptions.Greedy, TokenHistory.Empty, (node, _) => choose(node));
}
