using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>The toy model as a target of layers: checks that every layer comes once, in order, and from the slot that holds it.</summary>
internal sealed class FakeTarget(ToyModel model, FakeKvPool kv, FakeLink link, int layers) : ITargetPass
{
    private readonly HashSet<SequenceId> _dropped = [];
    private PassPlan? _plan;
    private int _next;

    /// <summary>Called before each layer, with its pass; may throw.</summary>
    public Action<PassId, int>? OnLayer { get; set; }

    /// <summary>Rows of every pass that was begun, by sequence.</summary>
    public List<ImmutableArray<(SequenceId Sequence, int Rows)>> Passes { get; } = [];

    public int OffloadedLayersRun { get; private set; }

    public int Abandoned { get; private set; }

    public int LayerCount => layers;

    public bool IsOffloaded(int layer) => link.OffloadedLayers.Contains(layer);

    public void Begin(PassPlan plan)
    {
        if (_plan is not null) throw new InvalidOperationException("a pass is open");
        foreach (PassRows rows in plan.Rows)
        {
            kv.Open(rows.Lease);
            if (rows.Context + rows.Tree.Count > rows.Lease.Capacity) throw new InvalidOperationException("rows without slots");
        }
        Passes.Add([.. plan.Rows.Select(r => (r.Sequence, r.Tree.Count))]);
        (_plan, _next) = (plan, 0);
        _dropped.Clear();
    }

    public void RunLayer(int layer, int slot)
    {
        if (layer != _next++) throw new InvalidOperationException($"layer {layer} out of order");
        OnLayer?.Invoke(_plan!.Pass, layer);
        if (IsOffloaded(layer))
        {
            if (!link.Holds(slot, layer)) throw new InvalidOperationException($"slot {slot} does not hold layer {layer}");
            OffloadedLayersRun++;
        }
        else if (slot != -1) throw new InvalidOperationException($"resident layer {layer} with slot {slot}");
    }

    public void Drop(SequenceId sequence) => _dropped.Add(sequence);

    public ImmutableArray<RowsVerified> Finish()
    {
        if (_next != layers) throw new InvalidOperationException($"{_next} of {layers} layers ran");
        ImmutableArray<RowsVerified> verified = [.. _plan!.Rows.Where(r => !_dropped.Contains(r.Sequence)).Select(Verify)];
        _plan = null;
        return verified;
    }

    public void Abandon()
    {
        _plan = null;
        Abandoned++;
    }

    private RowsVerified Verify(PassRows rows)
    {
        TokenTree tree = rows.Tree;
        List<int> context = kv.Context(rows.Lease, rows.Context);
        if (rows.Kind != RowsKind.Verify)
        {
            for (int i = 0; i < tree.Count; i++) kv.Write(rows.Lease, rows.Context + i, tree.Nodes[i].Token, byTarget: true);
            int[] chunk = [.. context, .. tree.Nodes.Select(n => n.Token)];
            Acceptance? last = rows.Kind == RowsKind.LastPrefill
                ? new Acceptance([.. Enumerable.Range(0, tree.Count)], model.Next(chunk, rows.Sampling, rows.History))
                : null;
            return new RowsVerified(rows.Sequence, last, rows.Context + tree.Count, 0);
        }
        Acceptance acceptance = AcceptanceWalk.Walk(
            tree, rows.Sampling, rows.History, (node, history) => model.Next([.. context, .. ToyPath.To(tree, node)], rows.Sampling, history));
        for (int i = 0; i < tree.Count; i++) kv.Erase(rows.Lease, rows.Context + i);
        for (int i = 0; i < acceptance.Nodes.Length; i++)
            kv.Write(rows.Lease, rows.Context + i, tree.Nodes[acceptance.Nodes[i]].Token, byTarget: true);
        return new RowsVerified(rows.Sequence, acceptance, rows.Context + acceptance.Nodes.Length, acceptance.Nodes.Where((n, i) => n != i).Count());
    }
}
