using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Trees;

/// <summary>
/// A draft tree while it grows: of all children of the frontier, those with the highest estimated probability of being reached become
/// the next frontier. Pure bookkeeping: the draft model supplies the ranked children.
/// <para>
/// A tree that looks ahead grows on below what is verified: the deepest nodes' children, and endings beside the path that were not
/// put into the tree. When the pass has ended, <see cref="Reroot"/> keeps what stands below the accepted path's end. A node that is
/// verified is never run by the draft again, since the pass writes its KV: the tree looks one step ahead before it is handed out.
/// </para>
/// </summary>
public sealed class TreeGrowth
{
    private readonly DraftShape _shape;
    private readonly AcceptanceCalibration _calibration;
    private readonly bool _looksAhead;
    private readonly int _capacity;
    private readonly List<TreeNode> _nodes;
    private readonly List<int> _depths;
    private readonly List<TreeNode> _children = [];
    private readonly List<TreeNode> _spare = [];
    private int _frontierStart;
    private int _verified = -1;

    /// <param name="aheadCapacity">Most nodes at all, where the tree may grow on while it is verified; null where it may not.</param>
    public TreeGrowth(int rootToken, DraftShape shape, AcceptanceCalibration calibration, int? aheadCapacity = null)
        : this([new TreeNode(rootToken, -1)], [0], shape, calibration, aheadCapacity)
    {
    }

    private TreeGrowth(List<TreeNode> nodes, List<int> depths, DraftShape shape, AcceptanceCalibration calibration, int? aheadCapacity)
    {
        (_nodes, _depths, _shape, _calibration) = (nodes, depths, shape, calibration);
        (_looksAhead, _capacity, Depth) = (aheadCapacity is not null, aheadCapacity ?? shape.MaxNodes, depths.Max());
    }

    /// <summary>Nodes [start, end) that the next draft step takes through the draft model.</summary>
    public (int Start, int End) Frontier => (_frontierStart, _nodes.Count);

    /// <summary>True when the tree to verify is whole.</summary>
    public bool IsComplete => IsFull && (!_looksAhead || _verified >= 0);

    /// <summary>True while further steps can add nodes below the tree that is verified.</summary>
    public bool CanLookAhead => _verified >= 0 && _frontierStart < _nodes.Count && _nodes.Count < AheadLimit;

    /// <summary>Children to ask of the draft for each frontier node.</summary>
    public int ChildrenPerNode => Math.Max(2, _shape.Width);

    public TreeNode this[int node] => _nodes[node];

    public int Count => _nodes.Count;

    /// <summary>Nodes of the tree to verify, once it is complete.</summary>
    public int VerifiedCount => _verified < 0 ? _nodes.Count : _verified;

    /// <summary>Greatest depth of any node.</summary>
    public int Depth { get; private set; }

    private int AheadLimit => Math.Min(_capacity, _verified + _shape.MaxNodes);

    private bool IsFull => Depth >= _shape.Depth || _nodes.Count >= _shape.MaxNodes || _frontierStart == _nodes.Count;

    /// <summary>Tokens from the root to the node.</summary>
    public int DepthOf(int node) => _depths[node];

    /// <summary>Offers the ranked children of one frontier node.</summary>
    public void Offer(int node, ReadOnlySpan<RankedToken> ranked)
    {
        if (ranked.IsEmpty) return;
        _nodes[node] = _nodes[node] with { DraftChoice = ranked[0].Token };
        double margin = ranked.Length > 1 ? ranked[0].Value - ranked[1].Value : double.MaxValue;
        for (int rank = 0; rank < Math.Min(ranked.Length, ChildrenPerNode); rank++)
        {
            double score = _nodes[node].Score * _calibration.Probability(rank, margin);
            var child = new TreeNode(ranked[rank].Token, node, rank, (float)Math.Min(margin, 1e6), (float)score);
            // An ending beside the path is not verified, so a chain looks at second choices too.
            if (rank < _shape.Width && score >= _shape.Floor) _children.Add(child);
            else if (_looksAhead) _spare.Add(child);
        }
    }

    /// <summary>Ends the step: the best of the offered children become the next frontier.</summary>
    public void Step()
    {
        // Every node has been through the draft model now, but for the leaves that Fill adds.
        bool ahead = _looksAhead && (IsFull || _children.Count == 0);
        if (ahead)
        {
            _spare.AddRange(_children);
            _children.Clear();
            if (_verified < 0) Fill();
        }
        List<TreeNode> offered = ahead ? _spare : _children;
        int width = Math.Max(ahead ? 2 : 1, _shape.Width), room = Math.Min(width, (ahead ? AheadLimit : _shape.MaxNodes) - _nodes.Count);
        TreeNode[] best = Best(offered, room);
        if (_looksAhead && !ahead) _spare.AddRange(_children.Except(best));
        if (ahead) _spare.RemoveAll(best.Contains);
        else _children.Clear();
        _frontierStart = _nodes.Count;
        Add(best);
    }

    /// <summary>
    /// Completes the tree to verify: room that is left goes to the most probable children that no step took, as leaves. None goes below
    /// the deepest nodes: a tree that is accepted to its end is what drafting ahead hopes for, and nothing is drafted below a leaf.
    /// </summary>
    private void Fill()
    {
        TreeNode[] leaves = Best(_spare.Where(c => c.Score >= _shape.Floor && _depths[c.Parent] < _shape.Depth), _shape.MaxNodes - _nodes.Count);
        _spare.RemoveAll(leaves.Contains);
        Add(leaves);
        _verified = Math.Min(_nodes.Count, _shape.MaxNodes);
    }

    private void Add(TreeNode[] nodes)
    {
        foreach (TreeNode node in nodes)
        {
            _nodes.Add(node);
            _depths.Add(_depths[node.Parent] + 1);
            Depth = Math.Max(Depth, _depths[^1]);
        }
    }

    private static TreeNode[] Best(IEnumerable<TreeNode> offered, int room) =>
        [.. offered.OrderByDescending(c => c.Score).Take(Math.Max(0, room)).OrderBy(c => c.Parent).ThenBy(c => c.Rank)];

    /// <summary>The tree to verify.</summary>
    public TokenTree ToTree() => new([.. _nodes.Take(VerifiedCount)]);

    /// <summary>What has grown below an accepted path, as a tree of its own that grows on; null where nothing holds the bonus token there.</summary>
    /// <param name="end">The last accepted node.</param>
    /// <param name="bonus">The target's choice after it: the new root.</param>
    /// <param name="shape">Of the new tree.</param>
    /// <param name="kept">The nodes that are kept, ascending: node i of the new tree is <c>kept[i]</c> of this one.</param>
    public TreeGrowth? Reroot(int end, int bonus, DraftShape shape, out ImmutableArray<int> kept)
    {
        kept = [];
        int root = _nodes.FindIndex(VerifiedCount, node => node.Parent == end && node.Token == bonus);
        if (root < 0) return null;
        var places = new Dictionary<int, int>();
        var nodes = new List<TreeNode>();
        var depths = new List<int>();
        float reached = Math.Max(_nodes[root].Score, float.Epsilon);
        for (int i = root; i < _nodes.Count; i++)
        {
            // What is hardly reached from the new root is not worth a row: an ending beside another path, most of the time.
            if (i != root && (!places.ContainsKey(_nodes[i].Parent) || _nodes[i].Score < shape.Floor * reached)) continue;
            nodes.Add(i == root
                ? new TreeNode(bonus, -1) { DraftChoice = _nodes[i].DraftChoice }
                : Moved(_nodes[i]));
            depths.Add(_depths[i] - _depths[root]);
            places.Add(i, places.Count);
        }
        kept = [.. places.Keys];
        var grown = new TreeGrowth(nodes, depths, shape, _calibration, _capacity - _depths[root]) { _frontierStart = kept.Count(i => i < _frontierStart) };
        grown._spare.AddRange(_children.Concat(_spare).Where(c => places.ContainsKey(c.Parent)).Select(Moved));
        // Where all that stands there has been looked behind, the best of what was offered comes next.
        if (grown._frontierStart == grown.Count)
        {
            grown._children.AddRange(grown._spare.Where(c => c.Rank < shape.Width && c.Score >= shape.Floor));
            grown._spare.RemoveAll(grown._children.Contains);
            grown.Step();
        }
        return grown;

        TreeNode Moved(TreeNode node) => node with { Parent = places[node.Parent], Score = Math.Min(1, node.Score / reached) };
    }
}
