using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Kv;

namespace SubSpec.Torch.Engine;

/// <summary>The target model on the compute thread: rows of several sequences through every layer once, then heads and acceptance walks.</summary>
/// <param name="model">The target's arithmetic.</param>
/// <param name="isOffloaded">Whether a layer comes through the link.</param>
internal sealed class TargetPass(EngineParts parts, IModelRows model, Func<int, bool> isOffloaded) : ITargetPass
{
    private readonly List<PassRows> _open = [];
    private readonly List<TokenLogProbs> _logProbs = [];
    private int _nextLayer = -1;

    public int LayerCount => parts.Config.Layers;

    public bool IsOffloaded(int layer) => isOffloaded(layer);

    public void Begin(PassPlan plan)
    {
        if (_nextLayer >= 0) throw new InvalidOperationException("a pass is open already");
        foreach (PassRows rows in plan.Rows)
        {
            if (rows.Context + rows.Tree.Count > rows.Lease.Capacity)
                throw new InvalidOperationException($"{rows.Sequence}: {rows.Tree.Count} rows after {rows.Context} positions, the lease has {rows.Lease.Capacity}");
            parts.Kv.Open(rows.Lease);
            parts.Kv.CheckContext(rows.Lease, rows.Context);
        }
        model.Batch.Clear();
        foreach (PassRows rows in plan.Rows) TreeRows.Add(model.Batch, rows.Tree, rows.Lease, rows.Context, rows.Sampling);
        model.Embed();
        _open.AddRange(plan.Rows);
        _nextLayer = 0;
    }

    public void RunLayer(int layer, int slot)
    {
        if (layer != _nextLayer) throw new InvalidOperationException($"layer {layer} out of turn: {_nextLayer} is next");
        _nextLayer++;
        if (model.Batch.Count > 0) model.RunLayer(layer, slot);
    }

    public void Drop(SequenceId sequence)
    {
        for (int i = 0, start = 0; i < _open.Count; start += _open[i++].Tree.Count)
        {
            if (_open[i].Sequence != sequence) continue;
            FreeScratch(_open[i], keep: 0);
            model.Remove(start, _open[i].Tree.Count);
            _open.RemoveAt(i);
            return;
        }
    }

    public ImmutableArray<RowsVerified> Finish()
    {
        if (_nextLayer != LayerCount) throw new InvalidOperationException($"the pass ends after layer {_nextLayer} of {LayerCount}");
        var results = ImmutableArray.CreateBuilder<RowsVerified>(_open.Count);
        int start = 0;
        foreach (PassRows rows in _open)
        {
            results.Add(Finish(rows, start));
            start += rows.Tree.Count;
        }
        _open.Clear();
        _nextLayer = -1;
        return results.MoveToImmutable();
    }

    public void Abandon()
    {
        _logProbs.Clear();
        foreach (PassRows rows in _open) FreeScratch(rows, keep: 0);
        _open.Clear();
        _nextLayer = -1;
    }

    private RowsVerified Finish(PassRows rows, int start)
    {
        TokenTree tree = rows.Tree;
        if (rows.Kind != RowsKind.Verify)
        {
            for (int i = 0; i < tree.Count; i++) parts.Kv.Mark(rows.Lease.Slots[rows.Context + i], rows.Context + i, KvWriter.Target);
            int committed = rows.Context + tree.Count;
            if (rows.Kind == RowsKind.Prefill) return new RowsVerified(rows.Sequence, null, committed, 0);
            int first = Choose(rows, start, tree.Count - 1, tree.Count - 1, 1, rows.History);
            return new RowsVerified(rows.Sequence, new Acceptance([0], first), committed, 0) { LogProbs = TakeLogProbs() };
        }

        int computed = 0, chunkStart = 0;
        Acceptance acceptance = AcceptanceWalk.Walk(tree, rows.Sampling, rows.History, (node, history) =>
        {
            // Heads in chunks, from the node that the walk has reached on: on a processor, rows behind a rejection need none.
            bool fresh = node >= computed;
            if (fresh) (chunkStart, computed) = (node, Math.Min(tree.Count, node + model.HeadRows));
            return Choose(rows, start, node, chunkStart, fresh ? computed - chunkStart : 0, history);
        });
        AcceptanceWalk.Observe(tree, acceptance, parts.Calibration);
        return new RowsVerified(rows.Sequence, acceptance, rows.Context + acceptance.Nodes.Length, Commit(rows, acceptance)) { LogProbs = TakeLogProbs() };
    }

    /// <summary>The target's choice after a node; computes the logits of <paramref name="fresh"/> rows from <paramref name="chunkStart"/> first.</summary>
    private int Choose(PassRows rows, int start, int node, int chunkStart, int fresh, TokenHistory history)
    {
        if (fresh > 0) model.Head(start + chunkStart, fresh);
        int row = node - chunkStart, position = rows.Context + rows.Tree.DepthOf(node) + 1;
        Span<RankedToken> best = stackalloc RankedToken[1];
        if (rows.TopLogProbs is null && model.TryShortlist(row, out LogitShortlist list) && parts.Sampler.TryRank(list, rows.Sampling, history, position, best, out _)) return best[0].Token;
        ReadOnlySpan<float> logits = model.Logits(row);
        int choice = parts.Sampler.Choose(logits, rows.Sampling, history, position);
        if (!AllFinite(logits)) throw new InvalidOperationException($"{rows.Sequence}: the logits at position {position} are not finite");
        if (rows.TopLogProbs is { } top) _logProbs.Add(LogProbs.Of(logits, choice, top));
        return choice;
    }

    private ImmutableArray<TokenLogProbs> TakeLogProbs()
    {
        ImmutableArray<TokenLogProbs> taken = [.. _logProbs];
        _logProbs.Clear();
        return taken;
    }

    /// <summary>Keeps the accepted path: its KV moves to the slots of its positions, everything else is free again.</summary>
    private int Commit(PassRows rows, Acceptance acceptance)
    {
        int moves = 0;
        for (int depth = 0; depth < acceptance.Nodes.Length; depth++)
        {
            int to = rows.Lease.Slots[rows.Context + depth], from = rows.Lease.Slots[rows.Context + acceptance.Nodes[depth]];
            if (from == to)
            {
                parts.Kv.Mark(to, rows.Context + depth, KvWriter.Target);
                continue;
            }
            parts.Kv.Move(from, to, rows.Context + depth, KvWriter.Target);
            moves++;
        }
        FreeScratch(rows, acceptance.Nodes.Length);
        return moves;
    }

    private void FreeScratch(PassRows rows, int keep)
    {
        for (int i = keep; i < rows.Tree.Count; i++) parts.Kv.Free(rows.Lease.Slots[rows.Context + i]);
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        // x - x is 0 for finite numbers and NaN for all others, and NaN survives every sum.
        float sum = 0;
        foreach (float value in values) sum += value - value;
        return sum == 0;
    }
}
