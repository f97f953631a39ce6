using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Streaming;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>What only a GPU can show. Speeds are measured by tools/gpu-check.</summary>
[Collection(nameof(ProcessWideCounters))]
public class GpuTests
{
    [CudaFact]
    public async Task Every_layer_arrives_on_the_GPU_byte_for_byte()
    {
        var device = CudaDevice.Open(0);
        ICudaRuntime cuda = device.Runtime;
        cuda.UseDevice(0);
        using var folder = new StreamFolder();
        OffloadedLayer[] layers = LinkBench.Write(folder, 4, 3_000_001);
        using var host = new PinnedLayers(cuda, layers);
        using var arena = new DeviceArena(cuda, 32 << 20);
        using var ring = new DeviceRing(cuda, arena, host.Layouts, 2);
        using var link = new DeviceLink(cuda, 0, host, ring, null, TimeProvider.System);
        for (int read = 0; read < 12; read++)
        {
            (int layer, int slot) = (read % 4, read % 2);
            var end = new TaskCompletionSource<LayerRead>(TaskCreationOptions.RunContinuationsAsynchronously);
            link.BeginRead(layer, slot, end.SetResult);
            Assert.Null((await end.Task.WaitAsync(TimeSpan.FromSeconds(60))).Error);
            for (int tensor = 0; tensor < 2; tensor++) Assert.Equal(LinkReads.Expected(layers[layer].Tensors[tensor]), Download(cuda, ring.TensorAddress(slot, layer, tensor), (int)layers[layer].Tensors[tensor].Bytes));
            ring.Consumed(slot);
        }
    }

    [CudaFact]
    public void The_engine_writes_the_same_story_drafted_and_plain_within_its_plan()
    {
        var device = CudaDevice.Open(0);
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        using ModelAssets assets = ModelAssets.Load(blueprint);
        using var engine = new CudaEngine(device, blueprint, assets);
        using var simulated = new SimulatedEngine(DemoModel.Options);
        var driver = new EngineDriver(engine);

        List<int> plain = driver.Generate(DemoModel.Story, 30, DraftShape.None, SamplingOptions.Greedy);

        Assert.Equal(simulated.Driver.Generate(DemoModel.Story, 30, DraftShape.None, SamplingOptions.Greedy).Take(10), plain.Take(10));
        Assert.Equal(plain, driver.Generate(DemoModel.Story, 30, new DraftShape(12, 1, 0, 13), SamplingOptions.Greedy));
        Assert.InRange(driver.Accepted, 15, 30);
        Assert.InRange(engine.PeakFastTierBytes, 1, blueprint.Plan.TotalBytes);
    }

    private static unsafe byte[] Download(ICudaRuntime cuda, nint device, int bytes)
    {
        byte[] content = new byte[bytes];
        fixed (byte* host = content) DeviceCopies.Download(cuda, host, device, bytes);
        return content;
    }
}
