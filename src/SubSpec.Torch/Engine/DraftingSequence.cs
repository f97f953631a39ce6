using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Engine;

/// <summary>One sequence of an open draft round: its growing tree and where its context lies in the batch.</summary>
internal sealed unsafe class DraftingSequence(DraftSeed seed, AcceptanceCalibration calibration)
{
    private int* _slots;

    public DraftSeed Seed { get; private set; } = seed;

    public TreeGrowth Growth { get; private set; } = Grown(seed, calibration);

    /// <summary>True while the next step has a row of this sequence.</summary>
    public bool CanStep => Seed.Continues ? Growth.CanLookAhead : !Growth.IsComplete;

    /// <summary>Opens the sequence in a round.</summary>
    /// <param name="next">What the round orders; a sequence that continues keeps its tree, its context and its history.</param>
    /// <param name="slots">The lease's slots in the batch.</param>
    public void Open(DraftSeed next, int* slots)
    {
        if (next.Continues) Seed = Seed with { Continues = true, LooksAhead = next.LooksAhead, Shape = next.Shape };
        _slots = slots;
    }

    /// <summary>Adds the frontier's nodes to the batch; none when the tree cannot grow.</summary>
    public void AddFrontier(RowBatch rows)
    {
        if (!CanStep) return;
        (int start, int end) = Growth.Frontier;
        Span<int> path = stackalloc int[Growth.Depth + 1];
        for (int node = start; node < end; node++)
        {
            int depth = Growth.DepthOf(node);
            for (int ancestor = node, at = depth; ancestor >= 0; ancestor = Growth[ancestor].Parent) path[at--] = _slots[Seed.Context + ancestor];
            rows.AddTreeRow(Growth[node].Token, Seed.Context, _slots, path[..(depth + 1)]);
        }
    }

    /// <summary>What penalties count, up to and including a node.</summary>
    public TokenHistory HistoryAt(int node)
    {
        if (!Seed.Sampling.HasPenalties || node == 0) return Seed.History;
        return HistoryAt(Growth[node].Parent).Add(Growth[node].Token, Seed.Sampling);
    }

    /// <summary>Goes on below the accepted path: with what was drafted there, its KV moved to the slots of its positions, or anew.</summary>
    public AheadFigures Reroot(RowsVerified verified, KvSlots kv)
    {
        Acceptance accepted = verified.Acceptance ?? throw new InvalidOperationException($"{Seed.Sequence}: the pass has verified no tree");
        int end = accepted.Nodes[^1], drafted = Growth.Count - Growth.VerifiedCount;
        DraftSeed next = Seed with
        {
            Context = verified.Committed,
            RootToken = accepted.Bonus,
            History = HistoryAt(end).Add(accepted.Bonus, Seed.Sampling),
            Continues = false,
        };
        TreeGrowth? below = Growth.Reroot(end, accepted.Bonus, Seed.Shape, out ImmutableArray<int> kept);
        int computed = Growth.Frontier.Start;
        // Ascending: a node never moves to a slot from which a later one still has to come.
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i] >= computed) break;
            kv.Move(Seed.Lease.Slots[Seed.Context + kept[i]], Seed.Lease.Slots[next.Context + i], next.Context + below!.DepthOf(i), KvWriter.Draft);
        }
        int freed = next.Context + kept.Count(node => node < computed);
        for (int slot = Math.Max(freed, Seed.Context + Growth.VerifiedCount); slot < Seed.Context + Growth.Count; slot++) kv.Free(Seed.Lease.Slots[slot]);
        (Seed, Growth) = (next, below ?? Grown(next, calibration));
        return below is null ? new AheadFigures(0, 1, drafted) : new AheadFigures(1, 0, drafted - kept.Length);
    }

    /// <summary>Frees every slot of the tree; what a pass verifies now is not touched.</summary>
    public void Free(KvSlots kv)
    {
        for (int i = Seed.Continues ? Growth.VerifiedCount : 0; i < Growth.Count; i++) kv.Free(Seed.Lease.Slots[Seed.Context + i]);
    }

    private static TreeGrowth Grown(DraftSeed seed, AcceptanceCalibration calibration) =>
        new(seed.RootToken, seed.Shape, calibration, seed.LooksAhead ? seed.Lease.Capacity - seed.Context : null);
}
