using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Engine;

/// <summary>The target model on the compute thread: rows of several sequences through every layer once, then heads and acceptance walks.</summary>
internal sealed unsafe class TargetPass : ITargetPass
{
    private readonly EngineParts _parts;
    private readonly WeightRing _ring;
    private readonly WeightMatrix[][] _shapes;
    private readonly FullLinears _linears;
    private readonly RowBatch _rows;
    private readonly Activations _activations;
    private readonly List<PassRows> _open = [];
    private readonly List<TokenLogProbs> _logProbs = [];
    private readonly WeightMatrix[] _slotWeights = new WeightMatrix[7];
    private int _nextLayer = -1;

    /// <param name="ring">Where offloaded layers lie.</param>
    /// <param name="shapes">Type and shape of each layer's linears; the addresses are not used.</param>
    public TargetPass(EngineParts parts, WeightRing ring, WeightMatrix[][] shapes, RowBatch rows, Activations activations)
    {
        (_parts, _ring, _shapes) = (parts, ring, shapes);
        _linears = new FullLinears(parts.Team, parts.Linear);
        (_rows, _activations) = (rows, activations);
    }

    public int LayerCount => _parts.Config.Layers;

    public bool IsOffloaded(int layer) => _parts.Weights.Linears(layer) is null;

    public void Begin(PassPlan plan)
    {
        if (_nextLayer >= 0) throw new InvalidOperationException("a pass is open already");
        foreach (PassRows rows in plan.Rows)
        {
            if (rows.Context + rows.Tree.Count > rows.Lease.Capacity)
                throw new InvalidOperationException($"{rows.Sequence}: {rows.Tree.Count} rows after {rows.Context} positions, the lease has {rows.Lease.Capacity}");
            _parts.Kv.Open(rows.Lease);
            _parts.Kv.CheckContext(rows.Lease, rows.Context);
        }
        _rows.Clear();
        foreach (PassRows rows in plan.Rows) TreeRows.Add(_rows, rows.Tree, rows.Lease, rows.Context);
        Embedding.Gather(_parts.Weights.Embedding, _rows.Tokens.AsSpan(0, _rows.Count), _activations.Residual);
        _open.AddRange(plan.Rows);
        _nextLayer = 0;
    }

    public void RunLayer(int layer, int slot)
    {
        if (layer != _nextLayer) throw new InvalidOperationException($"layer {layer} out of turn: {_nextLayer} is next");
        _nextLayer++;
        if (_rows.Count == 0) return;
        ref readonly LayerVectors vectors = ref _parts.Weights.Vectors(layer);
        _linears.Use(_parts.Weights.Linears(layer) ?? InSlot(layer, slot), vectors);
        _parts.Layer.Forward(layer, _linears, vectors, _rows, _activations);
    }

    public void Drop(SequenceId sequence)
    {
        for (int i = 0, start = 0; i < _open.Count; start += _open[i++].Tree.Count)
        {
            if (_open[i].Sequence != sequence) continue;
            int count = _open[i].Tree.Count, width = _parts.Config.Hidden;
            FreeScratch(_open[i], keep: 0);
            _rows.Remove(start, count);
            float* hole = _activations.Residual + (long)start * width;
            long bytes = sizeof(float) * (long)width * (_rows.Count - start);
            Buffer.MemoryCopy(hole + (long)count * width, hole, bytes, bytes);
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

    private ReadOnlySpan<WeightMatrix> InSlot(int layer, int slot)
    {
        for (int i = 0; i < _slotWeights.Length; i++)
            _slotWeights[i] = _shapes[layer][i] with { Data = _ring.TensorAddress(slot, layer, i) };
        return _slotWeights;
    }

    private RowsVerified Finish(PassRows rows, int start)
    {
        TokenTree tree = rows.Tree;
        if (rows.Kind != RowsKind.Verify)
        {
            for (int i = 0; i < tree.Count; i++) _parts.Kv.Mark(rows.Lease.Slots[rows.Context + i], rows.Context + i, KvWriter.Target);
            int committed = rows.Context + tree.Count;
            if (rows.Kind == RowsKind.Prefill) return new RowsVerified(rows.Sequence, null, committed, 0);
            int first = Choose(rows, start, tree.Count - 1, tree.Count - 1, 1, rows.History);
            return new RowsVerified(rows.Sequence, new Acceptance([0], first), committed, 0) { LogProbs = TakeLogProbs() };
        }

        int computed = 0, chunkStart = 0;
        Acceptance acceptance = AcceptanceWalk.Walk(tree, rows.Sampling, rows.History, (node, history) =>
        {
            // Heads in chunks, from the node that the walk has reached on: rows behind a rejection need none.
            bool fresh = node >= computed;
            if (fresh) (chunkStart, computed) = (node, Math.Min(tree.Count, node + _parts.Head.MaxRows));
            return Choose(rows, start, node, chunkStart, fresh ? computed - chunkStart : 0, history);
        });
        AcceptanceWalk.Observe(tree, acceptance, _parts.Calibration);
        return new RowsVerified(rows.Sequence, acceptance, rows.Context + acceptance.Nodes.Length, Commit(rows, acceptance)) { LogProbs = TakeLogProbs() };
    }

    /// <summary>The target's choice after a node; computes the logits of <paramref name="fresh"/> rows from <paramref name="chunkStart"/> first.</summary>
    private int Choose(PassRows rows, int start, int node, int chunkStart, int fresh, TokenHistory history)
    {
        if (fresh > 0) _parts.Head.Forward(_activations.Residual + (long)(start + chunkStart) * _parts.Config.Hidden, fresh);
        ReadOnlySpan<float> logits = _parts.Head.Logits(node - chunkStart);
        int position = rows.Context + rows.Tree.DepthOf(node) + 1;
        int choice = _parts.Sampler.Choose(logits, rows.Sampling, history, position);
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
                _parts.Kv.Mark(to, rows.Context + depth, KvWriter.Target);
                continue;
            }
            _parts.Kv.Move(from, to, rows.Context + depth, KvWriter.Target);
            moves++;
        }
        FreeScratch(rows, acceptance.Nodes.Length);
        return moves;
    }

    private void FreeScratch(PassRows rows, int keep)
    {
        for (int i = keep; i < rows.Tree.Count; i++) _parts.Kv.Free(rows.Lease.Slots[rows.Context + i]);
    }

    private static bool AllFinite(ReadOnlySpan<float> values)
    {
        // x - x is 0 for finite numbers and NaN for all others, and NaN survives every sum.
        float sum = 0;
        foreach (float value in values) sum += value - value;
        return sum == 0;
    }
}
