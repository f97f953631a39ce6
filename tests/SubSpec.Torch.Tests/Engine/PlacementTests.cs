using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;

namespace SubSpec.Torch.Tests.Engine;

/// <summary>Where the layers live and how many threads compute never shows in the tokens.</summary>
public class PlacementTests
{
    private static readonly SamplingOptions Sampling = new() { Temperature = 0.8, Seed = 3 };

    // The planner weighs speeds: each of these makes one kind of resident layer the better one.
    private static readonly CostModel SlowSubstitutes = CostModel.Default with { SubstituteBytesPerSecond = 1e6 };
    private static readonly CostModel SlowWeights = CostModel.Default with { FullBytesPerSecond = 1e6 };

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
