using SubSpec.Core.Trees;

namespace SubSpec.Core.Tests.Trees;

public class TokenTreeTests
{
    [Fact]
    public void Depths_children_and_shape_follow_from_the_parents()
    {
        //      0:10
        //   1:11   2:12
        // 3:13 4:14  5:13
        var tree = new TokenTree([new(10, -1), new(11, 0), new(12, 0), new(13, 1), new(14, 1), new(13, 2)]);

        Assert.Equal(6, tree.Count);
        Assert.Equal(2, tree.Depth);
        Assert.Equal([0, 1, 1, 2, 2, 2], Enumerable.Range(0, 6).Select(tree.DepthOf));
        Assert.Equal((3, 5), (tree.ChildWith(1, 13), tree.ChildWith(2, 13)));
        Assert.Equal((-1, -1, -1), (tree.ChildWith(0, 13), tree.ChildWith(0, 10), tree.ChildWith(5, 13)));
        Assert.False(tree.IsChain);
    }

    [Fact]
    public void A_chain_is_a_tree_whose_every_node_follows_the_one_before()
    {
        TokenTree chain = TokenTree.Chain([4, 4, 9]);
        Assert.Equal([-1, 0, 1], chain.Nodes.Select(n => n.Parent));
        Assert.Equal([4, 4, 9], chain.Nodes.Select(n => n.Token));
        Assert.True(chain.IsChain);
        Assert.Equal(2, chain.Depth);
    }

    [Fact]
    public void A_root_alone_is_a_chain_of_depth_0()
    {
        TokenTree root = TokenTree.Chain([8]);
        Assert.Equal((1, 0, true), (root.Count, root.Depth, root.IsChain));
    }

    public static TheoryData<string, TreeNode[]> Refused => new()
    {
        { "nothing", [] },
        { "no root", [new(1, 0)] },
        { "a second root", [new(1, -1), new(2, -1)] },
        { "a node that is its own parent", [new(1, -1), new(2, 1)] },
        { "a parent after its child", [new(1, -1), new(2, 2), new(3, 0)] },
        { "siblings with one token", [new(1, -1), new(2, 0), new(3, 1), new(2, 0)] },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Nodes_that_are_no_such_tree_are_refused(string what, TreeNode[] nodes)
    {
        var refusal = Assert.Throws<ArgumentException>(() => new TokenTree([.. nodes]));
        Assert.True(refusal.ParamName == "nodes", what);
    }

    [Fact]
    public void An_array_that_was_never_set_is_refused() => Assert.Throws<ArgumentException>(() => new TokenTree(default));
}
