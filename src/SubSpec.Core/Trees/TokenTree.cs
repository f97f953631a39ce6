using System.Collections.Immutable;

namespace SubSpec.Core.Trees;

/// <summary>One node of a token tree.</summary>
/// <param name="Parent">Index of the parent, smaller than the node's own; -1 for the root.</param>
/// <param name="Rank">How many of its siblings the draft preferred to it; 0 for the root.</param>
/// <param name="Margin">Gap of the draft's two best perturbed values where this node was chosen, in units of logits / temperature.</param>
/// <param name="Score">Estimated probability that the acceptance walk reaches the node; 1 for the root.</param>
/// <param name="DraftChoice">The token that the draft itself chose after this node, in the tree or not; -1 where it did not look.</param>
public readonly record struct TreeNode(int Token, int Parent, int Rank = 0, float Margin = 0, float Score = 1, int DraftChoice = -1);

/// <summary>
/// A tree of tokens to verify in one pass, as data. Node 0 is the root: the last chosen token, whose KV is not written yet.
/// Parents come before their children, siblings hold different tokens. A prefill chunk and a plain decoding step are trees too: a chain, and a root alone.
/// </summary>
public sealed class TokenTree
{
    private readonly int[] _depths;

    /// <summary>Throws <see cref="ArgumentException"/> where the nodes are no such tree.</summary>
    public TokenTree(ImmutableArray<TreeNode> nodes)
    {
        if (nodes.IsDefaultOrEmpty || nodes[0].Parent != -1) throw new ArgumentException("a tree begins with its root", nameof(nodes));
        Nodes = nodes;
        _depths = new int[nodes.Length];
        IsChain = true;
        var siblings = new HashSet<(int Parent, int Token)>(nodes.Length);
        for (int i = 1; i < nodes.Length; i++)
        {
            int parent = nodes[i].Parent;
            if ((uint)parent >= (uint)i) throw new ArgumentException($"node {i} has parent {parent}", nameof(nodes));
            if (!siblings.Add((parent, nodes[i].Token))) throw new ArgumentException($"node {i} repeats its sibling's token {nodes[i].Token}", nameof(nodes));
            _depths[i] = _depths[parent] + 1;
            IsChain &= parent == i - 1;
        }
    }

    public ImmutableArray<TreeNode> Nodes { get; }

    /// <summary>Rows that the tree takes in a pass.</summary>
    public int Count => Nodes.Length;

    /// <summary>True when every node is the child of the one before.</summary>
    public bool IsChain { get; }

    /// <summary>Tokens from the root to the node, the root not counted.</summary>
    public int DepthOf(int node) => _depths[node];

    /// <summary>Greatest depth of any node.</summary>
    public int Depth => _depths.Max();

    /// <summary>The child of <paramref name="node"/> that holds <paramref name="token"/>, or -1.</summary>
    public int ChildWith(int node, int token)
    {
        for (int i = node + 1; i < Nodes.Length; i++)
            if (Nodes[i].Parent == node && Nodes[i].Token == token) return i;
        return -1;
    }

    /// <summary>A tree without branches: a prefill chunk, or the root alone for plain decoding.</summary>
    public static TokenTree Chain(ReadOnlySpan<int> tokens)
    {
        var nodes = ImmutableArray.CreateBuilder<TreeNode>(tokens.Length);
        for (int i = 0; i < tokens.Length; i++) nodes.Add(new TreeNode(tokens[i], i - 1));
        return new TokenTree(nodes.MoveToImmutable());
    }
}
