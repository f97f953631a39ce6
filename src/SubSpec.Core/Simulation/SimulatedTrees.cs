using System.Collections.Immutable;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>A tree that is being drafted.</summary>
internal interface ISimulatedTree
{
    /// <summary>Rows that the next step takes through the draft; 0 when the tree is complete.</summary>
    int FrontierRows { get; }

    bool IsComplete { get; }

    /// <summary>Rows that the tree takes in a pass, the root included.</summary>
    int Rows { get; }

    void Step();

    /// <summary>Accepted draft tokens, once it is verified.</summary>
    int Accepted();
}

/// <summary>A tree that grows as the engine's do, over a simulated text. A token is its rank among its siblings.</summary>
internal sealed class GrownTree(SimulatedText text, int root, DraftShape shape, AcceptanceCalibration calibration) : ISimulatedTree
{
    private readonly TreeGrowth _growth = new(rootToken: 0, shape, calibration);

    public int FrontierRows => IsComplete ? 0 : _growth.Frontier.End - _growth.Frontier.Start;

    public bool IsComplete => _growth.IsComplete;

    public int Rows => _growth.Count;

    public void Step()
    {
        if (IsComplete) return;
        (int start, int end) = _growth.Frontier;
        for (int node = start; node < end; node++)
        {
            double gap = text.Gap(root + _growth.DepthOf(node) + 1);
            _growth.Offer(node, [.. Enumerable.Range(0, _growth.ChildrenPerNode).Select(rank => new RankedToken(rank, rank == 0 ? 0 : -gap - rank + 1))]);
        }
        _growth.Step();
    }

    public int Accepted()
    {
        TokenTree tree = _growth.ToTree();
        var nodes = ImmutableArray.CreateBuilder<int>();
        int choice = 0;
        for (int node = 0; node >= 0; node = tree.ChildWith(node, choice))
        {
            nodes.Add(node);
            choice = text.TargetRank(root + nodes.Count);
        }
        var acceptance = new Acceptance(nodes.ToImmutable(), choice);
        AcceptanceWalk.Observe(tree, acceptance, calibration);
        return acceptance.Accepted;
    }
}

/// <summary>A tree of which a measured histogram says how far it is accepted. It is drafted as deep and wide as was asked for.</summary>
internal sealed class MeasuredTree(MeasuredAcceptance measured, double uniform, DraftShape shape) : ISimulatedTree
{
    private int _depth;

    public int FrontierRows => IsComplete ? 0 : _depth == 0 ? 1 : shape.Width;

    public bool IsComplete => _depth >= shape.Depth || Rows >= shape.MaxNodes;

    public int Rows => Math.Min(shape.MaxNodes, 1 + _depth * shape.Width);

    public void Step()
    {
        if (!IsComplete) _depth++;
    }

    public int Accepted() => Math.Min(_depth, measured.Draw(uniform));
}
