using System.Collections.Immutable;
using SubSpec.Core.Planning;

namespace SubSpec.Core.Tests.Planning;

/// <summary>When the draft gets a low-bit head of its own.</summary>
public sealed class DraftHeadTests
{
    private const long MiB = 1 << 20;

    [Fact]
    public void A_large_vocabulary_gets_one_and_the_plan_counts_it()
    {
        ModelFootprint large = Model(headMiB: 1040, draftHeadMiB: 292);
        MemoryPlan plan = Plan(large, 8192);

        Assert.True(plan.HasDraftHead);
        Assert.Equal(large.DraftHeadBytes, Bytes(plan, "draft head"));
        Assert.True(plan.TotalBytes <= 8192 * MiB);
    }

    [Fact]
    public void A_small_share_of_the_step_is_left_as_it_is()
    {
        MemoryPlan plan = Plan(Model(headMiB: 16, draftHeadMiB: 5), 8192);

        Assert.False(plan.HasDraftHead);
        Assert.Equal(0, Bytes(plan, "draft head"));
    }

    [Fact]
    public void It_is_never_there_where_nothing_drafts_or_in_the_smallest_plan()
    {
        ModelFootprint large = Model(headMiB: 1040, draftHeadMiB: 292);

        Assert.False(Plan(large, 8192, drafts: false).HasDraftHead);
        Assert.False(Plan(large, null).HasDraftHead);
        MemoryPlan smallest = Plan(large, Plan(large, null).SmallestBytes / MiB);
        Assert.False(smallest.HasDraftHead);
        Assert.Equal(smallest.SmallestBytes, Plan(large, null).TotalBytes);
    }

    [Fact]
    public void It_gives_way_to_a_layer_that_gains_more()
    {
        // Room for either a layer or the head. With a slow link a layer saves more than 32 faster heads.
        ModelFootprint model = Model(headMiB: 300, draftHeadMiB: 80);
        CostModel slow = CostModel.Default with { LinkBytesPerSecond = 1e7 }, fast = CostModel.Default with { LinkBytesPerSecond = 1e11 };
        ModelFootprint small = model with { LayerBytes = All(85 * MiB), SubstituteBytes = All(24 * MiB), ResidentBytes = All(85 * MiB), SlotBytes = 85 * MiB };
        long room = Plan(small, null).TotalBytes / MiB + 90;

        Assert.Equal((1, false), Chosen(MemoryPlanner.Plan(small, room * MiB, null, true, slow)));
        Assert.Equal((0, true), Chosen(MemoryPlanner.Plan(small, room * MiB, null, true, fast)));
    }

    [Fact]
    public void The_predicted_round_counts_the_head_of_every_draft_step()
    {
        ModelFootprint large = Model(headMiB: 1040, draftHeadMiB: 292);
        CostModel cost = CostModel.Default;
        double withHead = Plan(large, 8192).OffloadedRoundSeconds, without = Plan(large, null).OffloadedRoundSeconds;

        double saved = large.HeadReadBytes / cost.FullBytesPerSecond - large.DraftHeadBytes / cost.SubstituteBytesPerSecond;
        Assert.Equal(cost.DraftSteps * saved, without - withHead, 1e-9);
    }

    private static MemoryPlan Plan(ModelFootprint model, long? budgetMiB, bool drafts = true) =>
        MemoryPlanner.Plan(model, budgetMiB * MiB, null, drafts, CostModel.Default);

    private static (int Resident, bool DraftHead) Chosen(MemoryPlan plan) => (plan.Resident, plan.HasDraftHead);

    private static long Bytes(MemoryPlan plan, string part) => plan.Parts.Single(p => p.Name == part).Bytes;

    private static ImmutableArray<long> All(long bytes) => [.. Enumerable.Repeat(bytes, 28)];

    // The layers of a 7B model.
    private static ModelFootprint Model(long headMiB, long draftHeadMiB) => new(
        All(444 * MiB), All(125 * MiB), All(444 * MiB), 445 * MiB, headMiB * MiB, headMiB * MiB, headMiB * MiB, draftHeadMiB * MiB, MiB, 100 * MiB, 50 * MiB);
}
