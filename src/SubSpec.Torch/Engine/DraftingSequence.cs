using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Torch.Engine;

/// <summary>One sequence of an open draft round: its growing tree and where its context lies in the batch.</summary>
internal sealed unsafe class DraftingSequence(DraftSeed seed, AcceptanceCalibration calibration, nint context)
{
    public DraftSeed Seed => seed;

    public TreeGrowth Growth { get; } = new(seed.RootToken, seed.Shape, calibration);

    /// <summary>Adds the frontier's nodes to the batch; none when the tree is complete.</summary>
    public void AddFrontier(RowBatch rows)
    {
        if (Growth.IsComplete) return;
        int* slots = (int*)context;
        int depth = Growth.Depth;
        Span<int> path = stackalloc int[depth + 1];
        (int start, int end) = Growth.Frontier;
        for (int node = start; node < end; node++)
        {
            for (int ancestor = node, at = depth; ancestor >= 0; ancestor = Growth[ancestor].Parent) path[at--] = slots[seed.Context + ancestor];
            rows.AddTreeRow(Growth[node].Token, seed.Context, slots, path);
        }
    }

    /// <summary>What penalties count, up to and including a node.</summary>
    public TokenHistory HistoryAt(int node)
    {
        if (!seed.Sampling.HasPenalties || node == 0) return seed.History;
        return HistoryAt(Growth[node].Parent).Add(Growth[node].Token, seed.Sampling);
    }
}
