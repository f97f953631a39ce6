using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Tests.Streaming;
using DemoModel = SubSpec.Torch.Tests.Engine.DemoModel;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>The start-up probe of rows on the GPU's engine: what it finds, and what it leaves behind.</summary>
[Collection(nameof(ProcessWideCounters))]
public class DeviceProbeTests
{
    private const ushort NaN = 0x7FC0;

    // What is uploaded for a batch: 100 kB for one of 128 rows, 260 kB for one of 256.
    private const long BytesOfMoreThan128Rows = 180_000;

    [Fact]
    public unsafe void Rows_that_are_the_same_in_any_batch_are_found_so_and_the_cache_stays_free()
    {
        using var gpu = new SimulatedEngine(DemoModel.Options with { PassRows = 64 });

        Assert.True(gpu.Engine.Deterministic);
        Assert.True(gpu.Engine.ProbeTime > TimeSpan.Zero);
        var kv = (DeviceKv)gpu.Engine.Kv;
        int elements = kv.SlotCount * 2 * gpu.Blueprint.Model.Config.KvWidth;
        for (int layer = 0; layer < gpu.Blueprint.Model.Config.Layers; layer++)
            Assert.Equal(-1, new ReadOnlySpan<ushort>((void*)kv.OfLayer(layer).Data, elements).IndexOfAnyExcept(NaN));
        Assert.Throws<InvalidOperationException>(() => kv.CheckContext(new KvLease(new SequenceId(0), 1, [0]), 1));
        Assert.Empty(gpu.Cuda.Violations);
    }

    [Fact]
    public unsafe void A_last_bit_that_is_another_one_in_larger_batches_is_found()
    {
        using var cuda = new FakeCuda();
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        long rowBytes = sizeof(float) * blueprint.Model.Config.Hidden, batch = 0;
        cuda.Copied = (to, bytes) =>
        {
            if (cuda.IsOnDevice(to)) batch = bytes;
            else if (bytes == rowBytes && batch > BytesOfMoreThan128Rows) *(int*)to ^= 1;
        };
        using var gpu = new SimulatedEngine(DemoModel.Options, cuda);

        Assert.False(gpu.Engine.Deterministic);
        Assert.Equal(0, gpu.Engine.UnusedBytes);
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(24L << 20)]
    public void The_first_layer_is_probed_where_passes_find_it_and_only_by_the_first_engine(long resident)
    {
        using var gpu = new SimulatedEngine(DemoModel.Options with { MemoryBudget = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 }).Plan.SmallestBytes + resident });
        using var again = new CudaEngine(CudaDevice.Simulate(gpu.Cuda), gpu.Blueprint, gpu.Assets);

        Assert.Equal(gpu.Engine.Link.OffloadedLayers.Contains(0) ? gpu.Engine.Link.LayerBytes(0) : 0, gpu.Engine.Link.Stats.BytesRead);
        Assert.Equal(0, again.Link.Stats.BytesRead);
        Assert.Equal(gpu.Engine.Deterministic, again.Deterministic);
    }

    [Fact]
    public void A_build_that_is_cancelled_while_it_probes_gives_everything_back()
    {
        using var cuda = new FakeCuda();
        using var cancel = new CancellationTokenSource();
        var blueprint = EngineBlueprint.Draw(DemoModel.Options with { CudaDevice = 0 });
        using ModelAssets assets = ModelAssets.Load(blueprint);

        Assert.Throws<OperationCanceledException>(() => new CudaEngine(CudaDevice.Simulate(cuda), blueprint, assets, new AtProbing(cancel), cancel.Token));

        Assert.Null(assets.Deterministic);
        Assert.True(cuda.IsEmpty);
    }

    [Theory]
    [InlineData(64, 64, new[] { 64 })]
    [InlineData(64, 256, new[] { 64, 128, 256 })]
    [InlineData(64, 300, new[] { 64, 128, 256, 300 })]
    [InlineData(2, 2, new[] { 2 })]
    public void Buckets_are_what_passes_are_computed_as(int smallest, int most, int[] buckets)
    {
        Assert.Equal(buckets, DeviceShape.Buckets(smallest, most));
        Assert.Equal(buckets, Enumerable.Range(1, most).Select(rows => DeviceShape.Bucket(rows, smallest, most)).Distinct());
    }

    private sealed class AtProbing(CancellationTokenSource cancel) : IProgress<BuildProgress>
    {
        public void Report(BuildProgress value)
        {
            if (value.Step == BuildStep.Probing) cancel.Cancel();
        }
    }
}
