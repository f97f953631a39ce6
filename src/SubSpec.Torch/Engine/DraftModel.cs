using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The draft on the compute thread: substitutes, and full weights where a layer is resident without one, over the target's own KV
/// cache. A step takes the frontier rows of all drafting sequences through every layer once.
/// </summary>
/// <param name="model">The draft's arithmetic.</param>
internal sealed unsafe class DraftModel(EngineParts parts, IModelRows model) : IDraftModel
{
    private readonly RowBatch _rows = model.Batch;
    private readonly List<DraftingSequence> _open = [];
    private readonly Dictionary<SequenceId, DraftingSequence> _lookingAhead = [];
    private readonly RankedToken[] _ranked = new RankedToken[64];

    public int StepRows => _rows.Count;

    public void Begin(DraftPlan plan)
    {
        if (_open.Count > 0) throw new InvalidOperationException("a draft round is open already");
        foreach (DraftSeed seed in plan.Seeds)
        {
            if (seed.RootPosition + seed.PromptRows + seed.Shape.MaxNodes > seed.Lease.Capacity)
                throw new InvalidOperationException($"{seed.Sequence}: a tree of {seed.Shape.MaxNodes} after {seed.RootPosition} positions, the lease has {seed.Lease.Capacity}");
            parts.Kv.Open(seed.Lease);
            // A context that is being verified is the pass's to check.
            if (!seed.Continues) parts.Kv.CheckContext(seed.Lease, seed.Context);
        }
        _rows.Clear();
        foreach (DraftSeed seed in plan.Seeds)
        {
            DraftingSequence sequence = seed.Continues && seed.PromptRows == 0
                ? _lookingAhead.GetValueOrDefault(seed.Sequence) ?? throw new InvalidOperationException($"{seed.Sequence}: there is no tree to continue")
                : new DraftingSequence(seed, parts.Calibration);
            sequence.Open(seed, _rows.AddContext(seed.Lease));
            _open.Add(sequence);
        }
        // Inside a pass, whoever is not continued now never will be. Between passes, the trees of others still wait for theirs.
        if (plan.Seeds.Any(s => s.Continues)) _lookingAhead.Clear();
        else foreach (DraftSeed seed in plan.Seeds) _lookingAhead.Remove(seed.Sequence);
    }

    public bool Step()
    {
        _rows.ClearRows();
        int sequences = _open.Count(s => s.CanStep), room = _rows.MaxRows - _open.Sum(s => s.StepRows);
        foreach (DraftingSequence sequence in _open.Where(s => s.CanStep))
        {
            int rows = sequence.StepRows;
            sequence.Guess(room, sequences);
            room -= sequence.StepRows - rows;
        }
        // Who reads a prompt takes the rows that the others leave.
        foreach (DraftingSequence sequence in _open.OrderBy(s => s.IsReading)) sequence.AddRows(_rows);
        if (_rows.Count == 0) return false;

        model.Embed();
        for (int layer = 0; layer < parts.Config.Layers; layer++) model.RunLayer(layer, slot: -1);
        for (int row = 0; row < _rows.Count; row++) parts.Kv.Mark(_rows.Slots[row], _rows.Positions[row], KvWriter.Draft);
        Grow();
        return _open.Exists(s => s.CanStep);
    }

    public AheadFigures Reroot(ImmutableArray<RowsVerified> verified)
    {
        AheadFigures figures = default;
        foreach (DraftingSequence sequence in _open.Where(s => s.Seed.Continues))
            if (verified.FirstOrDefault(rows => rows.Sequence == sequence.Seed.Sequence) is { } rows) figures += sequence.Reroot(rows, parts.Kv);
        return figures;
    }

    public void Drop(SequenceId sequence)
    {
        _lookingAhead.Remove(sequence);
        foreach (DraftingSequence gone in _open.Where(s => s.Seed.Sequence == sequence).ToArray())
        {
            gone.Free(parts.Kv);
            _open.Remove(gone);
        }
    }

    public ImmutableArray<DraftedTree> Finish()
    {
        ImmutableArray<DraftedTree> trees = [.. _open.Select(s => new DraftedTree(s.Seed.Sequence, s.Growth.ToTree()))];
        foreach (DraftingSequence sequence in _open.Where(s => s.Seed.LooksAhead)) _lookingAhead.Add(sequence.Seed.Sequence, sequence);
        _open.Clear();
        return trees;
    }

    public void Abandon()
    {
        foreach (DraftingSequence sequence in _open) sequence.Free(parts.Kv);
        _open.Clear();
    }

    private void Grow()
    {
        int computed = 0, chunkStart = 0;
        DraftingSequence[] stepping = [.. _open.Where(s => s.FrontierRow >= 0).OrderBy(s => s.FrontierRow)];
        foreach (DraftingSequence sequence in stepping)
        {
            (int start, int end) = sequence.Growth.Frontier;
            for (int node = start, row = sequence.FrontierRow; node < end; node++, row++)
            {
                if (!sequence.Growth.Holds(node)) continue;
                if (row >= computed)
                {
                    (chunkStart, computed) = (row, Math.Min(_rows.Count, row + model.HeadRows));
                    model.Head(chunkStart, computed - chunkStart);
                }
                Span<RankedToken> best = _ranked.AsSpan(0, Math.Min(sequence.Growth.ChildrenPerNode, _ranked.Length));
                sequence.Growth.Offer(node, best[..Rank(sequence, node, row - chunkStart, best)]);
            }
            sequence.Settle(parts.Kv, _rows.MaxRows / _open.Count);
        }
        TreeGrowth.StepAll([.. stepping.Select(s => s.Growth)]);
    }

    /// <summary>The likeliest tokens behind a node whose logits are those of a row of the last head; how many there are.</summary>
    private int Rank(DraftingSequence sequence, int node, int row, Span<RankedToken> best)
    {
        (SamplingOptions sampling, TokenHistory history) = (sequence.Seed.Sampling, sequence.HistoryAt(node));
        int position = sequence.Seed.RootPosition + sequence.Growth.DepthOf(node) + 1;
        return model.TryShortlist(row, out LogitShortlist list) && parts.Sampler.TryRank(list, sampling, history, position, best, out int found)
            ? found
            : parts.Sampler.Rank(model.Logits(row), sampling, history, position, best);
    }
}
