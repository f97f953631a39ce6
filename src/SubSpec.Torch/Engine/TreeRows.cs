using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Torch.Engine;

/// <summary>Turns a sequence's tree into rows of a batch: node i at position context + depth, its KV in the lease's slot context + i.</summary>
internal static unsafe class TreeRows
{
    public static void Add(RowBatch rows, TokenTree tree, KvLease lease, int context, SamplingOptions sampling)
    {
        int* slots = rows.AddContext(lease);
        if (tree.IsChain)
        {
            for (int i = 0; i < tree.Count; i++) rows.AddChainRow(tree.Nodes[i].Token, context + i, slots, sampling);
            return;
        }
        Span<int> path = stackalloc int[tree.Depth + 1];
        for (int i = 0; i < tree.Count; i++)
        {
            int depth = tree.DepthOf(i);
            for (int node = i, at = depth; node >= 0; node = tree.Nodes[node].Parent) path[at--] = slots[context + node];
            rows.AddTreeRow(tree.Nodes[i].Token, context, slots, path[..(depth + 1)], sampling);
        }
    }
}
