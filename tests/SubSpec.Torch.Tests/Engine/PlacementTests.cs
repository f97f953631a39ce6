using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Where the layers live and how many threads compute never shows in the tokens.</summary>
[Collection(nameof(ProcessWideCounters))]
public class PlacementTests
{
    private static readonly SamplingOptions Sampling = new() { Temperature = 0.8, Seed = 3 };

    // A copy of the head fits, a layer does not.
    private const long RoomForTheHead = 1_120_000;

    // The planner weighs speeds: each of these makes one kind of resident layer the better one.
    private static readonly CostModel SlowSubstitutes = CostModel.Default with { SubstituteBytesPerSecond = 1e6 };
    internal static readonly CostModel SlowWeights = CostModel.Default with { FullBytesPerSecond = 1e6 };

    [Fact]
    public void Offloaded_resident_and_substituted_layers_give_the_same_tokens()
    {
        List<int>? expected = null;
        var seen = new HashSet<LayerPlacement>();
        long smallest = EngineBlueprint.Draw(DemoModel.Options).Plan.SmallestBytes;
        foreach ((double share, CostModel cost) in new[] { (0, SlowWeights), (0.5, SlowSubstitutes), (0.5, SlowWeights), (1.0, SlowSubstitutes), (1.0, SlowWeights) })
        {
            using var demo = new DemoEngine(DemoModel.Options with { MemoryBudget = smallest + (long)(share * (16 << 20)) }, cost);
            if (share == 0) Assert.Equal(8, demo.Plan.Offloaded);
            if (share == 1) Assert.Equal(0, demo.Plan.Offloaded);
            seen.UnionWith(demo.Plan.Layers);
            expected ??= demo.Driver.Generate(DemoModel.Story, 40, DraftShape.None, Sampling);

            Assert.Equal(expected, demo.Driver.Generate(DemoModel.Story, 40, new DraftShape(8, 2, 0, 16), Sampling));
        }
        Assert.Equal(3, seen.Count);
    }

    [Fact]
    public void A_low_bit_head_drafts_and_never_shows_in_the_tokens()
    {
        long smallest = EngineBlueprint.Draw(DemoModel.Options).Plan.SmallestBytes;
        EngineOptions room = DemoModel.Options with { MemoryBudget = smallest + RoomForTheHead };
        using var low = new DemoEngine(room, SlowWeights);
        using var full = new DemoEngine(room, SlowSubstitutes);
        Assert.Equal((true, false), (low.Plan.HasDraftHead, full.Plan.HasDraftHead));
        Assert.Equal((8, 8), (low.Plan.Offloaded, full.Plan.Offloaded));
        foreach (SamplingOptions sampling in new[] { SamplingOptions.Greedy, Sampling })
        {
            List<int> expected = full.Driver.Generate(DemoModel.Story, 60, DraftShape.None, sampling);
            Assert.Equal(expected, low.Driver.Generate(DemoModel.Story, 60, DraftShape.None, sampling));
            int before = low.Driver.Accepted;
            foreach (DraftShape shape in new[] { new DraftShape(12, 1, 0, 13), new DraftShape(6, 4, 0, 24) })
                Assert.Equal(expected, low.Driver.Generate(DemoModel.Story, 60, shape, sampling));
            // It guesses well, too, and not by luck.
            Assert.InRange(low.Driver.Accepted - before, 60, 120);
        }
    }

    [Fact]
    public void A_low_bit_head_takes_the_memory_that_was_planned_for_it()
    {
        EngineOptions room = DemoModel.Options with { MemoryBudget = EngineBlueprint.Draw(DemoModel.Options).Plan.SmallestBytes + RoomForTheHead };
        var with = EngineBlueprint.Draw(room, SlowWeights);
        var without = EngineBlueprint.Draw(room, SlowSubstitutes);
        long before = NativeBuffer.LiveBytes;
        long Loaded(EngineBlueprint blueprint)
        {
            using ModelAssets assets = ModelAssets.Load(blueprint);
            return NativeBuffer.LiveBytes - before;
        }

        Assert.Equal(with.Plan.Parts.Single(p => p.Name == "draft head").Bytes, Loaded(with) - Loaded(without));
    }

    [Fact]
    public void One_thread_and_more_give_the_same_tokens()
    {
        List<int>[] tokens = [.. new[] { 1, 2, 3 }.Select(threads =>
        {
            using var demo = new DemoEngine(DemoModel.Options with { Threads = threads });
            Assert.True(demo.Engine.Deterministic);
            return demo.Driver.Generate(DemoModel.Story, 40, new DraftShape(8, 4, 0, 24), Sampling);
        })];

        Assert.Equal(tokens[0], tokens[1]);
        Assert.Equal(tokens[0], tokens[2]);
    }
}
