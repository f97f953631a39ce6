using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Trees;

/// <summary>
/// A draft tree while it grows, best first: each step takes those nodes through the draft that are most likely to be reached, of all that
/// were offered so far. Pure bookkeeping: the draft model supplies the ranked children.
/// <para>
/// A tree that looks ahead grows on below what is verified: the deepest nodes' children, endings beside the path, and what may follow the leaves.
/// When the pass has ended, <see cref="Reroot"/> keeps what stands below the accepted path's end. A node that is verified is never run by the draft
/// again, since the pass writes its KV: the tree looks one step ahead before it is handed out, and a leaf is looked behind by its <see cref="AheadGrowth">twin</see>.
/// </para>
/// </summary>
public sealed partial class TreeGrowth
{
    private readonly DraftShape _shape;
    private readonly AcceptanceCalibration _calibration;
    private readonly bool _looksAhead;
    private readonly int _capacity;
    private readonly List<TreeNode> _nodes;
    private readonly List<int> _depths;
    private readonly List<TreeNode> _offered = [];
    private int _frontierStart;
    private AheadGrowth? _ahead;
    private bool _isFull;

    /// <param name="aheadCapacity">Most nodes at all, where the tree may grow on while it is verified; null where it may not.</param>
    public TreeGrowth(int rootToken, DraftShape shape, AcceptanceCalibration calibration, int? aheadCapacity = null)
        : this([new TreeNode(rootToken, -1)], [0], shape, calibration, aheadCapacity)
    {
    }

    /// <summary>What may follow a prompt while a pass takes it: the root, its last token, is all that is verified.</summary>
    /// <param name="aheadCapacity">Most nodes at all.</param>
    public static TreeGrowth AfterPrompt(int rootToken, DraftShape shape, AcceptanceCalibration calibration, int aheadCapacity) =>
        new(rootToken, shape, calibration, aheadCapacity) { _isFull = true };

    private TreeGrowth(List<TreeNode> nodes, List<int> depths, DraftShape shape, AcceptanceCalibration calibration, int? aheadCapacity)
    {
        (_nodes, _depths, _shape, _calibration) = (nodes, depths, shape, calibration);
        (_looksAhead, _capacity, Depth) = (aheadCapacity is not null, aheadCapacity ?? shape.MaxNodes, depths.Max());
        _isFull = HasNoRoom;
    }

    /// <summary>Nodes [start, end) that the next draft step takes through the draft model, guesses included.</summary>
    public (int Start, int End) Frontier => (_frontierStart, _nodes.Count);

    /// <summary>True when the tree to verify is whole.</summary>
    public bool IsComplete => _isFull && (!_looksAhead || _ahead is not null);

    /// <summary>True while further steps can add nodes below the tree that is verified.</summary>
    public bool CanLookAhead => _ahead is not null && _frontierStart < _nodes.Count && _nodes.Count < AheadLimit;

    /// <summary>Children to ask of the draft for each frontier node.</summary>
    public int ChildrenPerNode => Math.Max(2, _shape.Width);

    public TreeNode this[int node] => _nodes[node];

    public int Count => _nodes.Count;

    /// <summary>Nodes of the tree to verify, once it is complete.</summary>
    public int VerifiedCount => _ahead?.Verified ?? _nodes.Count;

    /// <summary>Greatest depth of any node.</summary>
    public int Depth { get; private set; }

    private int AheadLimit => Math.Min(_capacity, VerifiedCount + Math.Max(_shape.MaxNodes, DraftShape.AheadNodes));

    private bool HasNoRoom => Depth >= _shape.Depth || _nodes.Count >= _shape.MaxNodes;

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
            // An ending beside the path is not verified, so a chain that looks ahead keeps second choices too.
            if (_looksAhead || rank < _shape.Width)
                _offered.Add(new TreeNode(ranked[rank].Token, node, rank, (float)Math.Min(margin, 1e6), (float)score));
        }
    }

    /// <summary>Ends a draft step of several trees: they take another one where it brings more than it costs, all of them together.</summary>
    /// <param name="trees">Those whose frontiers the step has taken.</param>
    public static void StepAll(IReadOnlyCollection<TreeGrowth> trees)
    {
        (TreeGrowth Tree, TreeNode[] Next)[] steps = [.. trees.Select(t => (t, t.Next(t._shape.Prices.StepRow)))];
        double gain = steps.Sum(s => s.Tree.Gain(s.Next)), price = trees.Select(t => t._shape.Prices.Step).DefaultIfEmpty().Max();
        foreach ((TreeGrowth tree, TreeNode[] next) in steps) tree.Step(next, another: gain >= price);
    }

    /// <summary>Ends a draft step of this tree alone.</summary>
    public void Step() => StepAll([this]);

    /// <summary>Tokens that a step is expected to bring, its rows paid.</summary>
    private double Gain(TreeNode[] next) => next.Select((n, i) => n.Score - _shape.Prices.StepRow - RowPrice(i)).Sum();

    /// <summary>The best of all that was offered, for the next frontier or, at the price of 0, for leaves.</summary>
    private TreeNode[] Next(double price) => _isFull
        ? []
        : Best(_offered.Where(o => o.Rank < _shape.Width && _depths[o.Parent] < _shape.Depth), Math.Min(Math.Max(_shape.Width, _nextWidth), _shape.MaxNodes - _nodes.Count), price);

    private void Step(TreeNode[] next, bool another)
    {
        _nextWidth = 0;
        if (another) _owed = Math.Max(0, _owed - Math.Max(0, next.Length - _shape.Width));
        another &= next.Length > 0;
        if (_looksAhead && !another)
        {
            StepAhead();
            return;
        }
        // What was offered anyway is worth its rows as leaves, though not another step: leaves take none.
        Add(another ? next : Next(price: 0));
        _isFull = !another || HasNoRoom;
        if (_isFull && _owed > 0) AddLeavesForGuesses();
    }

    // Every node has been through the draft model now: those of the tree to verify, but for the leaves that complete it, need no other run.
    private void StepAhead()
    {
        _isFull = true;
        if (_ahead is null)
        {
            // None goes below the deepest nodes: they have been looked behind already, which costs a leaf another row.
            int depth = Depth;
            Add(Best(_offered.Where(o => _depths[o.Parent] < depth), _shape.MaxNodes - _nodes.Count, price: 0));
            _ahead = new AheadGrowth(_nodes, _depths, _shape);
        }
        Add(_ahead.Next(_offered, Math.Clamp(AheadLimit - _nodes.Count, 0, _shape.AheadWidth)));
    }

    /// <summary>The best of these that are worth a price and their rows.</summary>
    private TreeNode[] Best(IEnumerable<TreeNode> offered, int room, double price) =>
        [.. Ranked(offered.Where(o => o.Score >= _shape.Floor)).Take(Math.Max(0, room)).TakeWhile((o, i) => o.Score >= price + RowPrice(i))];

    /// <summary>The price of the row after <paramref name="more"/> further ones.</summary>
    private double RowPrice(int more) => _nodes.Count + more < _shape.Prices.FreeRows ? 0 : _shape.Prices.Row;

    private static IOrderedEnumerable<TreeNode> Ranked(IEnumerable<TreeNode> offered) => offered.OrderByDescending(o => o.Score);

    private void Add(TreeNode[] nodes)
    {
        _frontierStart = _nodes.Count;
        foreach (TreeNode node in nodes.OrderBy(n => n.Parent).ThenBy(n => n.Rank))
        {
            _offered.Remove(node);
            _ahead?.Note(node);
            _nodes.Add(node);
            _depths.Add(_depths[node.Parent] + 1);
            Depth = Math.Max(Depth, _depths[^1]);
        }
    }

    /// <summary>The nodes below one, itself included.</summary>
    private HashSet<int> Below(int root)
    {
        var below = new HashSet<int> { root };
        for (int i = root + 1; i < _nodes.Count; i++)
            if (below.Contains(_nodes[i].Parent)) below.Add(i);
        return below;
    }

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
        int root = _nodes.FindIndex(VerifiedCount, node => node.Token == bonus && (node.Parent == end || _ahead!.LeafOf(node.Parent) == end));
        if (root < 0) return null;
        var places = new Dictionary<int, int>();
        var nodes = new List<TreeNode>();
        var depths = new List<int>();
        float reached = Math.Max(_nodes[root].Score, float.Epsilon);
        double least = shape.Floor * reached;
        HashSet<int> best = [.. Below(root).Where(i => _nodes[i].Score >= least).OrderByDescending(i => _nodes[i].Score).ThenBy(i => i).Take(shape.MaxNodes)];
        for (int i = root; i < _nodes.Count; i++)
        {
            // What is hardly reached from the new root is not worth a row: an ending beside another path, most of the time.
            if (!best.Contains(i)) continue;
            nodes.Add(i == root
                ? new TreeNode(bonus, -1) { DraftChoice = _nodes[i].DraftChoice }
                : Moved(_nodes[i]));
            depths.Add(_depths[i] - _depths[root]);
            places.Add(i, places.Count);
        }
        kept = [.. places.Keys];
        var grown = new TreeGrowth(nodes, depths, shape, _calibration, _capacity - _depths[root]) { _frontierStart = kept.Count(i => i < _frontierStart) };
        grown._offered.AddRange(_offered.Where(o => places.ContainsKey(o.Parent)).Select(Moved));
        // Where all that stands there has been looked behind, the best of what was offered comes next, as after a new tree's root: whether
        // a step pays is decided by all trees of a round together, and this one is alone here.
        if (grown._frontierStart == grown.Count) grown.Step(grown.Next(shape.Prices.StepRow), another: true);
        return grown;

        TreeNode Moved(TreeNode node) => node with { Parent = places[node.Parent], Score = Math.Min(1, node.Score / reached) };
    }
}
