using System.Collections.Immutable;
using SubSpec.Core.Sampling;

namespace SubSpec.Core.Trees;

/// <summary>What the walk through a verified tree found.</summary>
/// <param name="Nodes">Accepted nodes in order, the root first.</param>
/// <param name="Bonus">The target's choice after the last accepted node: the next root.</param>
public sealed record Acceptance(ImmutableArray<int> Nodes, int Bonus)
{
    /// <summary>Accepted draft tokens: tau counts these.</summary>
    public int Accepted => Nodes.Length - 1;

    /// <summary>The tokens that the round adds to the output: the accepted ones and the bonus token.</summary>
    public ImmutableArray<int> TokensOf(TokenTree tree) => [.. Nodes.Skip(1).Select(n => tree.Nodes[n].Token), Bonus];

    /// <summary>How often the draft alone would have chosen as the target did. The tree's shape does not enter: a choice that was not put into the tree counts as well.</summary>
    public DraftAgreement AgreementIn(TokenTree tree)
    {
        ImmutableArray<int> targets = TokensOf(tree);
        int compared = 0, agreed = 0;
        for (int i = 0; i < Nodes.Length; i++)
        {
            int draft = tree.Nodes[Nodes[i]].DraftChoice;
            if (draft < 0) continue;
            compared++;
            if (draft == targets[i]) agreed++;
        }
        return new DraftAgreement(compared, agreed);
    }
}

/// <summary>The draft's own choices against the target's, at the nodes that acceptance walks visited.</summary>
/// <param name="Compared">Nodes at which both have chosen.</param>
/// <param name="Agreed">Of these, how often they chose the same token.</param>
public readonly record struct DraftAgreement(int Compared, int Agreed);

/// <summary>
/// Verification: at each node the target's choice is drawn by the one sampling function; if a child holds it, the walk goes on
/// there, else it is the bonus token. The output is therefore what plain decoding would have chosen, token by token.
/// </summary>
public static class AcceptanceWalk
{
    /// <param name="choose">The target's choice after a node, given the history up to and including that node.</param>
    /// <param name="history">What penalties count, up to and including the root.</param>
    public static Acceptance Walk(TokenTree tree, SamplingOptions options, TokenHistory history, Func<int, TokenHistory, int> choose)
    {
        var accepted = ImmutableArray.CreateBuilder<int>();
        int node = 0;
        while (true)
        {
            accepted.Add(node);
            int choice = choose(node, history);
            int child = tree.ChildWith(node, choice);
            if (child < 0) return new Acceptance(accepted.ToImmutable(), choice);
            node = child;
            history = history.Add(choice, options);
        }
    }

    /// <summary>Teaches the calibration what the walk has shown about every child of every node that it visited.</summary>
    public static void Observe(TokenTree tree, Acceptance acceptance, AcceptanceCalibration calibration)
    {
        ImmutableArray<TreeNode> nodes = tree.Nodes;
        for (int i = 1; i < nodes.Length; i++)
        {
            int at = acceptance.Nodes.IndexOf(nodes[i].Parent);
            if (at < 0) continue;
            bool chosen = at + 1 < acceptance.Nodes.Length && acceptance.Nodes[at + 1] == i;
            calibration.Observe(nodes[i].Rank, nodes[i].Margin, chosen);
        }
    }
}
