using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
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
                    Assert.InRange(NativeBuffer.LiveBytes - before, blueprint.Plan.TotalBytes * 0.9, blueprint.Plan.TotalBytes);
                }
                Assert.Equal(loaded, NativeBuffer.LiveBytes);
            }
        }
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }
}
