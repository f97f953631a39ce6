using System.Collections.Immutable;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Engine;

/// <summary>
/// One sequence of an open draft round: its growing tree and where its context lies in the batch. Below a prompt that a pass takes, it reads
/// the prompt's end first: in slots of its own, as if the lease had none for the rows of the pass.
/// </summary>
internal sealed unsafe class DraftingSequence(DraftSeed seed, AcceptanceCalibration calibration)
{
    private int* _slots;
    private int _read;

    public DraftSeed Seed { get; private set; } = seed;

    public TreeGrowth Growth { get; private set; } = Grown(seed, calibration);

    /// <summary>True while a next step has rows of this sequence, be it that the others leave it some.</summary>
    public bool CanStep => !Growth.IsComplete || (Seed.Continues && Growth.CanLookAhead);

    /// <summary>True while tokens before the root have not been through the draft.</summary>
    public bool IsReading => _read < Seed.PromptRows - 1;

    /// <summary>The batch's row of the first frontier node in this step, or -1.</summary>
    public int FrontierRow { get; private set; } = -1;

    /// <summary>The first position behind the context whose slot is not the pass's to write.</summary>
    private int FirstOwn => Seed.Context + (Seed.Continues && Seed.PromptRows == 0 ? Growth.VerifiedCount : 0);

    /// <summary>Opens the sequence in a round.</summary>
    /// <param name="next">What the round orders; a sequence that continues keeps its tree, its context and its history.</param>
    /// <param name="slots">The lease's slots in the batch.</param>
    public void Open(DraftSeed next, int* slots)
    {
        if (!next.Continues || next.PromptRows > 0) next.Lookup?.Extend(next.Tokens.Span);
        if (next.Continues) Seed = Seed with { Continues = true, LooksAhead = next.LooksAhead, Shape = next.Shape };
        _slots = slots;
        if (Seed.PromptRows > 0) MapSlots();
    }

    /// <summary>Rows that the next step has of this sequence, where there is room for those that it reads; 0 when the tree cannot grow.</summary>
    public int StepRows => IsReading ? Math.Min(DraftShape.AheadRows, Seed.PromptRows - _read) : CanStep ? Growth.Frontier.End - Growth.Frontier.Start : 0;

    /// <summary>Guesses what the next step may take along.</summary>
    /// <param name="room">Rows that it has left.</param>
    /// <param name="sequences">How many share it.</param>
    public void Guess(int room, int sequences) => Seed.Lookup?.Guess(Growth, room, sequences);

    /// <summary>Frees what guesses have left that did not hold, when the step's children have been offered.</summary>
    /// <param name="rows">Most rows of the next step.</param>
    public void Settle(KvSlots kv, int rows)
    {
        int failed = Seed.Lookup?.Settle(Growth, rows) ?? 0;
        for (int node = Growth.Count; failed > 0; node++, failed--) kv.Free(SlotOf(Seed.RootPosition + node));
    }

    /// <summary>Adds the frontier's nodes to the batch, or what is still to be read before them; none when the tree cannot grow.</summary>
    public void AddRows(RowBatch rows)
    {
        FrontierRow = -1;
        if (!CanStep) return;
        bool reads = IsReading;
        int room = Math.Min(DraftShape.AheadRows, rows.MaxRows - rows.Count);
        for (; IsReading && room > 0; room--, _read++) rows.AddChainRow(Seed.Prompt[_read], Seed.Context + _read, _slots, Seed.Sampling);
        // Where the last rows before it fill the step, the root comes in the next one.
        if (IsReading || (reads && room == 0)) return;
        (int start, int end) = Growth.Frontier;
        FrontierRow = rows.Count;
        Span<int> path = stackalloc int[Math.Max(Growth.Depth, Growth.DepthOf(end - 1)) + 1];
        for (int node = start; node < end; node++)
        {
            int depth = Growth.DepthOf(node);
            for (int ancestor = node, at = depth; ancestor >= 0; ancestor = Growth[ancestor].Parent) path[at--] = _slots[Seed.RootPosition + ancestor];
            rows.AddTreeRow(Growth[node].Token, Seed.RootPosition, _slots, path[..(depth + 1)], Seed.Sampling);
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
        Acceptance accepted = verified.Acceptance ?? throw new InvalidOperationException($"{Seed.Sequence}: the pass has chosen no token");
        foreach (int node in Seed.PromptRows > 0 ? [] : accepted.Nodes.Skip(1)) Seed.Lookup?.Add(Growth[node].Token);
        Seed.Lookup?.Add(accepted.Bonus);
        int end = Seed.PromptRows > 0 ? 0 : accepted.Nodes[^1], drafted = Growth.Count - Growth.VerifiedCount;
        DraftSeed next = Seed with
        {
            Context = verified.Committed,
            RootToken = accepted.Bonus,
            History = HistoryAt(end).Add(accepted.Bonus, Seed.Sampling),
            Continues = false,
            Prompt = default,
        };
        TreeGrowth? below = Growth.Reroot(end, accepted.Bonus, Seed.Shape, out ImmutableArray<int> kept);
        int computed = Growth.Frontier.Start;
        // Ascending: a node never moves to a slot from which a later one still has to come.
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i] >= computed) break;
            kv.Move(SlotOf(Seed.RootPosition + kept[i]), Seed.Lease.Slots[next.Context + i], next.Context + below!.DepthOf(i), KvWriter.Draft);
        }
        int freed = next.Context + kept.Count(node => node < computed);
        for (int i = FirstOwn; i < Seed.RootPosition + Growth.Count; i++)
            if (i + Seed.PromptRows >= freed) kv.Free(SlotOf(i));
        bool read = Seed.PromptRows > 0;
        (Seed, Growth) = (next, below ?? Grown(next, calibration));
        if (read) MapSlots();
        return below is null ? new AheadFigures(0, 1, drafted) : new AheadFigures(1, 0, drafted - kept.Length);
    }

    /// <summary>Frees every slot of the tree; what a pass verifies now is not touched.</summary>
    public void Free(KvSlots kv)
    {
        for (int i = FirstOwn; i < Seed.RootPosition + Growth.Count; i++) kv.Free(SlotOf(i));
    }

    /// <summary>The slot of a position, or of a node counted from the root's position on: behind those of a prompt that the pass takes.</summary>
    private int SlotOf(int position) => Seed.Lease.Slots[position < Seed.Context ? position : position + Seed.PromptRows];

    private void MapSlots()
    {
        for (int position = 0; position + Seed.PromptRows < Seed.Lease.Capacity; position++) _slots[position] = SlotOf(position);
    }

    private static TreeGrowth Grown(DraftSeed seed, AcceptanceCalibration calibration)
    {
        int capacity = seed.Lease.Capacity - seed.RootPosition - seed.PromptRows;
        return seed.PromptRows > 0
            ? TreeGrowth.AfterPrompt(seed.RootToken, seed.Shape, calibration, capacity)
            : new TreeGrowth(seed.RootToken, seed.Shape, calibration, seed.LooksAhead ? capacity : null);
    }
}
