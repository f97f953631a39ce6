using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class RoundWalkTests
{
    // 42 -> (10 | 11), 11 -> 12 -> 13: the draft looked behind all but the last.
    private static readonly TokenTree _tree = new(
    [
        new(42, -1, DraftChoice: 10), new(10, 0, 0, 0.5f, DraftChoice: 7), new(11, 0, 1, 0.5f, DraftChoice: 12), new(12, 2, 0, 2, DraftChoice: 13), new(13, 3, 0, 3),
    ]);

    [Fact]
    public void A_walk_remembers_how_sure_the_draft_was_and_where_it_ended()
    {
        var walk = RoundWalk.Of(_tree, new Acceptance([0, 2, 3], 50), most: 4);
        Assert.Equal([new(1, 0.5f), new(0, 2)], walk.Accepted.AsEnumerable());
        Assert.Equal(new WalkEnd(3, 1, false), walk.End);
    }

    [Fact]
    public void An_end_in_front_of_all_alternatives_held_them_all() =>
        Assert.Equal(new WalkEnd(0.5f, 2, false), RoundWalk.Of(_tree, new Acceptance([0], 50), most: 1).End);

    [Theory]
    [InlineData(new[] { 0, 2, 3, 4 }, null)] // the draft has not looked there
    [InlineData(new[] { 0, 1 }, true)] // it has, and chose what the target chose, but the tree went no further
    public void A_leaf_says_what_the_draft_would_have_chosen(int[] nodes, bool? right) =>
        Assert.Equal(new WalkEnd(null, 0, right), RoundWalk.Of(_tree, new Acceptance([.. nodes], 7), most: 9).End);

    [Fact]
    public void An_answer_that_ends_within_the_walk_shows_nothing_of_what_comes_after()
    {
        var walk = RoundWalk.Of(_tree, new Acceptance([0, 2, 3], 50), most: 1);
        Assert.Equal([new(1, 0.5f)], walk.Accepted.AsEnumerable());
        Assert.Equal(default, walk.End);
    }

    [Theory]
    [InlineData(new[] { 0, 2, 3 }, 2)] // a second choice was accepted, and later the tree held the wrong one
    [InlineData(new[] { 0, 2, 3, 4 }, 1)] // to the end of the tree: what the draft would have chosen there is not asked
    [InlineData(new[] { 0 }, 1)]
    public void The_drafts_wrong_choices_are_counted_as_far_as_the_tree_goes(int[] nodes, int wrong) =>
        Assert.Equal(wrong, RoundWalk.Of(_tree, new Acceptance([.. nodes], 50), most: 9).WrongChoices);
}
