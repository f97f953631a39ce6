using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>A tree that grows as the engine's do, over a simulated text. A token is its rank among its siblings.</summary>
/// <param name="root">Position of the root.</param>
/// <param name="aheadCapacity">Most nodes at all, where the tree may grow on while it is verified; null where it may not.</param>
internal sealed class SimulatedTree(SimulatedText text, int root, DraftShape shape, AcceptanceCalibration calibration, int? aheadCapacity = null)
{
    private TreeGrowth _growth = new(rootToken: 0, shape, calibration, aheadCapacity);
    private int _unread;
    private Acceptance? _verified;

    /// <summary>What may follow a prompt while a pass takes it: the draft reads its end first, a few rows a step.</summary>
    /// <param name="promptRows">Rows of the prompt in the pass; the last one is the root, which is a row of the last step that reads.</param>
    /// <param name="aheadCapacity">Most nodes at all.</param>
    public static SimulatedTree AfterPrompt(SimulatedText text, int promptRows, DraftShape shape, AcceptanceCalibration calibration, int aheadCapacity) =>
        new(text, root: 0, shape, calibration, aheadCapacity)
        {
            _growth = TreeGrowth.AfterPrompt(rootToken: 0, shape, calibration, aheadCapacity),
            _unread = promptRows,
            Continues = true,
        };

    /// <summary>True while the tree is verified and its round goes on below it.</summary>
    public bool Continues { get; private set; }

    /// <summary>True while the next step has rows of this tree.</summary>
    public bool CanStep => !_growth.IsComplete || (Continues && _growth.CanLookAhead);

    /// <summary>Rows that the next step takes through the draft.</summary>
    public int StepRows => _unread > 0 ? Math.Min(_unread, DraftShape.AheadRows) : CanStep ? _growth.Frontier.End - _growth.Frontier.Start : 0;

    /// <summary>Rows that the tree takes in a pass, the root included.</summary>
    public int Rows => _growth.VerifiedCount;

    /// <summary>Goes on while it is verified.</summary>
    /// <param name="next">The shape of the next round's tree.</param>
    public void Continue(DraftShape next) => (shape, Continues) = (next, true);

    /// <summary>One draft step of all trees that can take one.</summary>
    public static void StepAll(IEnumerable<SimulatedTree> trees)
    {
        SimulatedTree[] able = [.. trees.Where(t => t.CanStep)];
        foreach (SimulatedTree reading in able.Where(t => t._unread > 0)) reading._unread -= reading.StepRows;
        SimulatedTree[] stepping = [.. able.Where(t => t._unread == 0)];
        foreach (SimulatedTree tree in stepping) tree.OfferChildren();
        TreeGrowth.StepAll([.. stepping.Select(t => t._growth)]);
    }

    private void OfferChildren()
    {
        Span<RankedToken> ranked = stackalloc RankedToken[_growth.ChildrenPerNode];
        (int start, int end) = _growth.Frontier;
        for (int node = start; node < end; node++)
        {
            int position = root + _growth.DepthOf(node) + 1;
            double gap = IsText(node) ? text.Gap(position) : text.GapBeside(position, node);
            for (int rank = 0; rank < ranked.Length; rank++) ranked[rank] = new RankedToken(rank, rank == 0 ? 0 : -gap - rank + 1);
            _growth.Offer(node, ranked);
        }
    }

    /// <summary>Whether the way to a node is the target's.</summary>
    private bool IsText(int node)
    {
        for (; node > 0; node = _growth[node].Parent)
            if (_growth[node].Token != text.TargetRank(root + _growth.DepthOf(node))) return false;
        return true;
    }

    /// <summary>Wrong first choices on the last walk's way.</summary>
    public int WrongChoices { get; private set; }

    /// <summary>Accepted draft tokens, once it is verified.</summary>
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
        _verified = new Acceptance(nodes.ToImmutable(), choice);
        WrongChoices = RoundWalk.Of(tree, _verified, int.MaxValue).WrongChoices;
        AcceptanceWalk.Observe(tree, _verified, calibration);
        return _verified.Accepted;
    }

    /// <summary>The pass has ended that takes the prompt: it has chosen the text's first token.</summary>
    public void EndPrompt() => _verified = new Acceptance([0], text.TargetRank(root + 1));

    /// <summary>Goes on below the accepted path: with what was drafted there, or anew.</summary>
    public AheadFigures Reroot()
    {
        Acceptance accepted = _verified ?? throw new InvalidOperationException("the pass has verified no tree");
        int drafted = _growth.Count - _growth.VerifiedCount;
        TreeGrowth? below = _growth.Reroot(accepted.Nodes[^1], accepted.Bonus, shape, out ImmutableArray<int> kept);
        (root, aheadCapacity) = (root + accepted.Accepted + 1, aheadCapacity - accepted.Accepted - 1);
        _growth = below ?? new TreeGrowth(rootToken: 0, shape, calibration, aheadCapacity);
        (_verified, _unread, Continues) = (null, 0, false);
        return below is null ? new AheadFigures(0, 1, drafted) : new AheadFigures(1, 0, drafted - kept.Length);
    }
}
