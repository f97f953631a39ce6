using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Single passes of an engine whose layers are all resident, for tests that interfere with them.</summary>
internal sealed class PassDriver(IEngine engine)
{
    private long _ids;

    public KvLedger Ledger { get; } = new(engine.Kv.SlotCount);

    public KvLease Lease(int slots) => Ledger.Reserve(new SequenceId(++_ids), slots)!;

    /// <summary>A whole prompt, after which a token is chosen.</summary>
    public static PassRows Prompt(KvLease lease, params int[] tokens) => Rows(lease, 0, RowsKind.LastPrefill, tokens);

    /// <summary>A chain to verify behind the committed positions.</summary>
    public static PassRows Chain(KvLease lease, int context, params int[] tokens) => Rows(lease, context, RowsKind.Verify, tokens);

    public void Begin(params PassRows[] rows) => engine.Target.Begin(new PassPlan(new PassId(++_ids), [.. rows]));

    public void RunLayers(int from, int to)
    {
        for (int layer = from; layer < to; layer++) engine.Target.RunLayer(layer, slot: -1);
    }

    public ImmutableArray<RowsVerified> Run(params PassRows[] rows)
    {
        Begin(rows);
        RunLayers(0, engine.Target.LayerCount);
        return engine.Target.Finish();
    }

    /// <summary>Plain decoding from a chosen token on.</summary>
    public List<int> Decode(KvLease lease, int context, int root, int count)
    {
        List<int> tokens = [root];
        while (tokens.Count < count) tokens.Add(Run(Chain(lease, context++, tokens[^1]))[0].Acceptance!.Bonus);
        return tokens;
    }

    private static PassRows Rows(KvLease lease, int context, RowsKind kind, int[] tokens) =>
        new(lease.Sequence, lease, context, TokenTree.Chain(tokens), kind, SamplingOptions.Greedy, TokenHistory.Empty);
}
