using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Tests.Models;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Engine;

[Collection(nameof(ProcessWideCounters))]
public class EngineMemoryTests
{
    [Fact]
    public void An_engine_takes_what_its_plan_says_and_gives_all_of_it_back()
    {
        long before = NativeBuffer.LiveBytes;
        var blueprint = EngineBlueprint.Draw(DemoModel.Options);
        using (ModelAssets assets = ModelAssets.Load(blueprint))
        {
            long loaded = NativeBuffer.LiveBytes;
            for (int build = 0; build < 2; build++)
            {
                using (var driver = new EngineDriver(new CpuEngine(blueprint, assets)))
                {
                    driver.Generate(DemoModel.Story, 12, new DraftShape(6, 2, 0, 12), SamplingOptions.Greedy);
                    Assert.InRange(NativeBuffer.LiveBytes - before, blueprint.Plan.TotalBytes * 0.99, blueprint.Plan.TotalBytes);
                }
                Assert.Equal(loaded, NativeBuffer.LiveBytes);
            }
        }
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Substitutes_are_made_within_the_budget()
    {
        // A weight is larger than all that the engine will take, and every byte of the budget is for something.
        using var model = FamilyModel.Write("--family llama --hidden 1024 --intermediate 4096 --heads 4 --kv-heads 1 --head-dim 64 --vocabulary 97 --layers 1");
        var options = new EngineOptions { ModelFolder = model.Folder, CacheFolder = model.Cache, Context = 32, TreeRows = 8, PassRows = 8, MemoryBudget = 1 << 30 };
        long budget = EngineBlueprint.Draw(options, PlacementTests.SlowWeights).Plan.TotalBytes;
        var blueprint = EngineBlueprint.Draw(options with { MemoryBudget = budget }, PlacementTests.SlowWeights);
        Assert.Equal((0, budget, true), (blueprint.Plan.RingSlots, blueprint.Plan.TotalBytes, blueprint.Plan.HasSubstitute(0)));
        Assert.InRange(blueprint.Plan.EngineBytes, 1, 7 << 20);

        long before = NativeBuffer.LiveBytes, most = 0;
        using ModelAssets assets = ModelAssets.Load(blueprint, progress: new Watch(() => most = Math.Max(most, NativeBuffer.LiveBytes - before)));
        Assert.InRange(most, budget / 2, budget);
    }

    [Fact]
    public void An_engine_that_cannot_be_built_gives_back_what_it_had()
    {
        var blueprint = EngineBlueprint.Draw(DemoModel.Options);
        using ModelAssets assets = ModelAssets.Load(blueprint);
        long before = NativeBuffer.LiveBytes;
        int descriptors = OpenDescriptors.FlagsOf(Path.Combine(DemoModel.Folder, "model.safetensors")).Count;

        Assert.Throws<IOException>(() => new CpuEngine(blueprint, assets, _ => new IOException("injected")));
        Assert.Throws<OperationCanceledException>(() => new CpuEngine(blueprint, assets, new CancellationToken(canceled: true)));

        Assert.Equal(before, NativeBuffer.LiveBytes);
        Assert.Equal(descriptors, OpenDescriptors.FlagsOf(Path.Combine(DemoModel.Folder, "model.safetensors")).Count);
    }

    [Theory]
    [InlineData(2, 2, 1)]
    [InlineData(8, 4096, 1)]
    [InlineData(1024, 4096, 64)]
    public void The_smallest_and_the_largest_sizes_that_may_be_asked_for_can_be_built(int context, int passRows, int treeRows)
    {
        using var demo = new DemoEngine(DemoModel.Options with { Context = context, PassRows = passRows, TreeRows = treeRows, DraftRows = 1 });
        Assert.True(demo.Engine.Deterministic);
    }

    private sealed class Watch(Action look) : IProgress<QuantizationProgress>
    {
        public void Report(QuantizationProgress value) => look();
    }
}
