using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>Tokens from a tree's root to a node.</summary>
internal static class ToyPath
{
    public static IEnumerable<int> To(TokenTree tree, int node)
    {
        Stack<int> path = [];
        for (; node >= 0; node = tree.Nodes[node].Parent) path.Push(tree.Nodes[node].Token);
        return path;
    }
}
