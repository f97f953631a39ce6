using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Trees;

/// <summary>
/// A draft tree while it grows, one depth a step: of all children of the frontier, those with the highest estimated probability of
/// being reached become the next frontier. Pure bookkeeping: the draft model supplies the ranked children.
/// </summary>
public sealed class TreeGrowth
{
    private readonly DraftShape _shape;
    private readonly AcceptanceCalibration _calibration;
    private readonly List<TreeNode> _nodes;
    private readonly List<TreeNode> _children = [];
    private int _frontierStart;
    private int _depth;

    public TreeGrowth(int rootToken, DraftShape shape, AcceptanceCalibration calibration)
    {
        _shape = shape;
        _calibration = calibration;
        _nodes = [new TreeNode(rootToken, -1)];
    }

    /// <summary>Nodes [start, end) that the next draft step takes through the draft model.</summary>
    public (int Start, int End) Frontier => (_frontierStart, _nodes.Count);

    /// <summary>True when no further step can add a node.</summary>
    public bool IsComplete => _depth >= _shape.Depth || _nodes.Count >= _shape.MaxNodes || _frontierStart == _nodes.Count;

    /// <summary>Tokens from the root to the nodes of the frontier.</summary>
    public int Depth => _depth;

    /// <summary>Children to ask of the draft for each frontier node.</summary>
    public int ChildrenPerNode => Math.Max(2, _shape.Width);

    public TreeNode this[int node] => _nodes[node];

    public int Count => _nodes.Count;

    /// <summary>Offers the ranked children of one frontier node.</summary>
    public void Offer(int node, ReadOnlySpan<RankedToken> ranked)
    {
        if (ranked.IsEmpty) return;
        _nodes[node] = _nodes[node] with { DraftChoice = ranked[0].Token };
        double margin = ranked.Length > 1 ? ranked[0].Value - ranked[1].Value : double.MaxValue;
        for (int rank = 0; rank < Math.Min(ranked.Length, _shape.Width); rank++)
        {
            double score = _nodes[node].Score * _calibration.Probability(rank, margin);
            if (score >= _shape.Floor) _children.Add(new TreeNode(ranked[rank].Token, node, rank, (float)Math.Min(margin, 1e6), (float)score));
        }
    }

    /// <summary>Ends the step: the best of the offered children become the next frontier.</summary>
    public void Step()
    {
        _depth++;
        _frontierStart = _nodes.Count;
        int room = Math.Min(_shape.Width, _shape.MaxNodes - _nodes.Count);
        _nodes.AddRange(_children.OrderByDescending(c => c.Score).Take(Math.Max(0, room)).OrderBy(c => c.Parent).ThenBy(c => c.Rank));
        _children.Clear();
    }

    public TokenTree ToTree() => new([.. _nodes]);
}
