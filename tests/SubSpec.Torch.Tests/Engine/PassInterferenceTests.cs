using System.Collections.Immutable;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>What happens to passes and rounds that are cut short, or begun with slots that are somebody else's.</summary>
public sealed class PassInterferenceTests : IDisposable
{
    private static readonly int[] Other = DemoText.Encode("The dog ran to the big tree.");

    private readonly DemoEngine _demo = new(DemoModel.Options with { MemoryBudget = 1 << 30, Context = 128, Sequences = 4 });
    private readonly PassDriver _passes;

    public PassInterferenceTests() => _passes = new PassDriver(_demo.Engine);

    private ITargetPass Target => _demo.Engine.Target;

    private IDraftModel Draft => _demo.Engine.Draft;

    public void Dispose() => _demo.Dispose();

    [Fact]
    public void A_lease_that_is_over_is_refused_and_its_successor_keeps_its_memory()
    {
        KvLease old = _passes.Lease(64);
        _passes.Run(PassDriver.Prompt(old, DemoModel.Story));
        ImmutableArray<int> freed = _passes.Ledger.Release(old);
        KvLease next = _passes.Lease(64);
        int first = _passes.Run(PassDriver.Prompt(next, Other))[0].Acceptance!.Bonus;
        Assert.True(old.Slots.SequenceEqual(next.Slots));

        Assert.Throws<StaleLeaseException>(() => _passes.Begin(PassDriver.Chain(old, DemoModel.Story.Length, 5)));
        Assert.Throws<StaleLeaseException>(() => Draft.Begin(Plan(old, DemoModel.Story.Length, 5)));
        _demo.Engine.Kv.Retire(old, freed);

        Assert.Equal(Solo(Other), _passes.Decode(next, Other.Length, first, 8));
    }

    [Fact]
    public void A_context_that_the_target_has_not_written_is_refused()
    {
        KvLease lease = _passes.Lease(64);
        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Chain(lease, 3, 5)));
        Assert.Throws<InvalidOperationException>(() => Draft.Begin(Plan(lease, 3, 5)));

        int first = _passes.Run(PassDriver.Prompt(lease, Other))[0].Acceptance!.Bonus;
        Draft.Begin(Plan(lease, Other.Length, first));
        while (Draft.Step()) continue;
        Assert.True(Draft.Finish()[0].Tree.Count > 2);

        // Slots that only the draft has written are no context.
        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Chain(lease, Other.Length + 2, 5)));
        Assert.Equal(Solo(Other), _passes.Decode(lease, Other.Length, first, 8));
    }

    [Fact]
    public void More_rows_than_the_lease_has_slots_are_refused()
    {
        KvLease lease = _passes.Lease(16);

        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Prompt(lease, new int[17])));
        Assert.Throws<InvalidOperationException>(() => Draft.Begin(Plan(lease, 12, 5)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_dropped_sequence_leaves_the_running_pass_and_the_others_do_not_notice(int gone)
    {
        int[][] prompts = [DemoModel.Story, Other, DemoText.Encode("One day, a boy")];
        KvLease[] leases = [.. prompts.Select(_ => _passes.Lease(64))];
        _passes.Begin([.. prompts.Select((p, i) => PassDriver.Prompt(leases[i], p))]);
        _passes.RunLayers(0, 3);
        Target.Drop(leases[gone].Sequence);
        Target.Drop(new SequenceId(999));
        _passes.RunLayers(3, Target.LayerCount);
        ImmutableArray<RowsVerified> results = Target.Finish();

        Assert.Equal([.. leases.Select(l => l.Sequence).Where(s => s != leases[gone].Sequence)], results.Select(r => r.Sequence));
        foreach (RowsVerified result in results)
        {
            int i = Array.FindIndex(leases, l => l.Sequence == result.Sequence);
            Assert.Equal(Solo(prompts[i]), _passes.Decode(leases[i], prompts[i].Length, result.Acceptance!.Bonus, 8));
        }
        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Chain(leases[gone], prompts[gone].Length, 5)));
    }

    [Fact]
    public void An_abandoned_pass_commits_nothing_and_the_next_one_runs()
    {
        KvLease lease = _passes.Lease(64), fresh = _passes.Lease(64);
        int first = _passes.Run(PassDriver.Prompt(lease, Other))[0].Acceptance!.Bonus;
        _passes.Begin(PassDriver.Chain(lease, Other.Length, first, 7, 8), PassDriver.Prompt(fresh, DemoModel.Story));
        _passes.RunLayers(0, 5);

        Target.Abandon();

        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Chain(lease, Other.Length + 1, 5)));
        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Chain(fresh, 1, 5)));
        Assert.Equal(Solo(Other), _passes.Decode(lease, Other.Length, first, 8));
    }

    [Fact]
    public void An_abandoned_draft_round_leaves_the_context_as_it_was()
    {
        KvLease lease = _passes.Lease(64);
        int first = _passes.Run(PassDriver.Prompt(lease, Other))[0].Acceptance!.Bonus;
        Draft.Begin(Plan(lease, Other.Length, first));
        Draft.Step();

        Draft.Abandon();

        Assert.False(Draft.Step());
        Draft.Begin(Plan(lease, Other.Length, first));
        Draft.Drop(lease.Sequence);
        Assert.Empty(Draft.Finish());
        Assert.Equal(Solo(Other), _passes.Decode(lease, Other.Length, first, 8));
    }

    [Fact]
    public void A_round_and_a_pass_of_different_sequences_may_be_open_at_once()
    {
        KvLease drafting = _passes.Lease(64), verifying = _passes.Lease(64);
        ImmutableArray<RowsVerified> first = _passes.Run(PassDriver.Prompt(drafting, DemoModel.Story), PassDriver.Prompt(verifying, Other));
        (int draftRoot, int verifyRoot) = (first[0].Acceptance!.Bonus, first[1].Acceptance!.Bonus);
        Draft.Begin(Plan(drafting, DemoModel.Story.Length, draftRoot));
        while (Draft.Step()) continue;
        TokenTree alone = Draft.Finish()[0].Tree;

        // A draft step between any two layers, the round's first before the pass begins and its last after the pass has ended.
        Draft.Begin(Plan(drafting, DemoModel.Story.Length, draftRoot));
        Draft.Step();
        _passes.Begin(PassDriver.Chain(verifying, Other.Length, verifyRoot));
        for (int layer = 0; layer < Target.LayerCount; layer++)
        {
            _passes.RunLayers(layer, layer + 1);
            if (layer is 2 or 5) Draft.Step();
        }
        RowsVerified verified = Assert.Single(Target.Finish());
        Draft.Step();

        Assert.Equal(alone.Nodes.Select(n => (n.Token, n.Parent)), Draft.Finish()[0].Tree.Nodes.Select(n => (n.Token, n.Parent)));
        List<int> rest = _passes.Decode(verifying, Other.Length + 1, verified.Acceptance!.Bonus, 7);
        Assert.Equal(Solo(Other), [verifyRoot, .. rest]);
        Assert.Equal(Solo(DemoModel.Story), _passes.Decode(drafting, DemoModel.Story.Length, draftRoot, 8));
    }

    [Fact]
    public void Layers_out_of_turn_and_a_second_pass_are_refused()
    {
        KvLease lease = _passes.Lease(64);
        _passes.Begin(PassDriver.Prompt(lease, Other));

        Assert.Throws<InvalidOperationException>(() => _passes.Begin(PassDriver.Prompt(lease, Other)));
        Assert.Throws<InvalidOperationException>(() => Target.RunLayer(1, -1));
        Assert.Throws<InvalidOperationException>(() => Target.Finish());
    }

    private static DraftPlan Plan(KvLease lease, int context, int root) => new(
        new RoundId(1), [new DraftSeed(lease.Sequence, lease, context, root, new DraftShape(4, 2, 0, 8), SamplingOptions.Greedy, TokenHistory.Empty)]);

    private List<int> Solo(int[] prompt)
    {
        KvLease lease = _passes.Lease(64);
        List<int> tokens = _passes.Decode(lease, prompt.Length, _passes.Run(PassDriver.Prompt(lease, prompt))[0].Acceptance!.Bonus, 8);
        _demo.Engine.Kv.Retire(lease, _passes.Ledger.Release(lease));
        return tokens;
    }
}
