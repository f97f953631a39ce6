namespace SubSpec.Core.Trees;

/// <summary>
/// What grows below a tree that is verified. Its nodes hang on endings: a token that may be the bonus token, and so the root of the next tree.
/// <para>
/// What is worth drafting now is what the next tree would have to draft otherwise. Each of the first choices below an ending saves a step of its own: it is
/// worth a step's price, times the probability that the walk ends there, however deep it stands. Other choices share the steps of the next tree, which are few by then: each
/// saves its part of one. Neither is worth more than the tokens that it may bring, which is all that counts where nothing has a price.
/// </para>
/// <para>
/// A leaf of the verified tree was not looked behind yet, and its KV is the pass's to write. So a <em>twin</em> is run in its place: a node of
/// the same token below the same parent, in a slot of its own. What hangs on the twin follows the leaf.
/// </para>
/// </summary>
internal sealed class AheadGrowth
{
    private readonly List<TreeNode> _nodes;
    private readonly List<int> _depths;
    private readonly DraftShape _shape;
    private readonly HashSet<int> _leaves;
    private readonly Dictionary<int, int> _twins = [];
    private readonly List<Place> _places = [];

    /// <param name="nodes">Of the tree, which is complete; what is added to it later is noted first.</param>
    public AheadGrowth(List<TreeNode> nodes, List<int> depths, DraftShape shape)
    {
        (_nodes, _depths, _shape, Verified) = (nodes, depths, shape, nodes.Count);
        _leaves = [.. Enumerable.Range(0, Verified).Where(i => nodes[i].DraftChoice < 0)];
    }

    /// <summary>Nodes of the tree that is verified.</summary>
    public int Verified { get; }

    private double StepPrice => _shape.Prices.Step > 0 ? _shape.Prices.Step : 1;

    private double SharedStepPrice => _shape.Prices.Step > 0 ? Math.Max(_shape.Prices.StepRow, _shape.Prices.Step / DraftShape.AheadRows) : 1;

    /// <summary>The leaf whose twin a node is, or -1.</summary>
    public int LeafOf(int node) => _twins.GetValueOrDefault(node, -1);

    /// <summary>The nodes of the next step: so many that it brings the most for its time.</summary>
    /// <param name="offered">Children of nodes that were run.</param>
    public TreeNode[] Next(IEnumerable<TreeNode> offered, int most)
    {
        IEnumerable<(TreeNode Node, double Value)> twins = _leaves.Select(leaf => (_nodes[leaf], StepPrice * _nodes[leaf].Score));
        (TreeNode Node, double Value)[] ranked = [.. offered.Select(o => (Node: o, Value: Value(o))).Concat(twins).Where(c => c.Value > 0).OrderByDescending(c => c.Value).Take(most)];
        int taken = 0;
        double value = 0, price = _shape.Prices.Step;
        foreach ((_, double more) in ranked)
        {
            if ((value + more) * price < value * (price + _shape.Prices.StepRow)) break;
            (taken, value, price) = (taken + 1, value + more, price + _shape.Prices.StepRow);
        }
        return [.. ranked.Take(taken).Select(c => c.Node)];
    }

    /// <summary>Takes note of the node that is added next.</summary>
    public void Note(TreeNode node)
    {
        int leaf = _leaves.FirstOrDefault(l => _nodes[l] == node, -1);
        if (leaf >= 0)
        {
            _leaves.Remove(leaf);
            _twins.Add(_nodes.Count, leaf);
        }
        _places.Add(PlaceOf(node));
    }

    private double Value(TreeNode node)
    {
        Place place = PlaceOf(node);
        if (_depths[node.Parent] + 1 - place.EndingDepth >= _shape.Depth) return 0;
        return Math.Min(node.Score, place.EndingScore * (place.IsFirstChoice ? StepPrice : SharedStepPrice));
    }

    private Place PlaceOf(TreeNode node)
    {
        if (node.Parent < Verified || _twins.ContainsKey(node.Parent)) return new Place(_depths[node.Parent] + 1, node.Score, IsFirstChoice: true);
        Place parent = _places[node.Parent - Verified];
        return parent with { IsFirstChoice = parent.IsFirstChoice && node.Rank == 0 };
    }

    /// <summary>Where a node hangs.</summary>
    /// <param name="EndingDepth">Tokens from the verified root to the ending.</param>
    /// <param name="EndingScore">Probability that it is the next root.</param>
    /// <param name="IsFirstChoice">Whether all on the way from the ending to the node are the draft's own choices.</param>
    private readonly record struct Place(int EndingDepth, double EndingScore, bool IsFirstChoice);
}
