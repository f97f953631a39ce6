using SubSpec.Core;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.GrowModel;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;
using SubSpec.Torch.Tests.Engine;
using SubSpec.Torch.Tests.Safetensors;
using SubSpec.Torch.Tests.Streaming;
using DemoModel = SubSpec.Torch.Tests.Engine.DemoModel;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>The engine of the GPU, on a fake runtime, over a model that is generated straight into pinned memory.</summary>
[Collection(nameof(ProcessWideCounters))]
public sealed class GrownEngineTests(GrownEngineTests.Models models) : IClassFixture<GrownEngineTests.Models>
{
    private readonly GrownCheckpoint _weights = new(models.Grown);

    /// <summary>Weights out of memory.</summary>
    private EngineOptions Options => new() { ModelFolder = models.Generated, Weights = _weights, PoisonFreeKv = true };

    /// <summary>The same weights in a file.</summary>
    private EngineOptions FileOptions => new() { ModelFolder = models.Written, PoisonFreeKv = true, CacheFolder = models.Cache };

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Tokens_are_those_of_the_engine_over_the_grown_file(bool someResident)
    {
        long smallest = EngineBlueprint.Draw(Options with { CudaDevice = 0 }).Plan.SmallestBytes;
        long? budget = someResident ? smallest + (8L << 20) : null;
        using var file = new SimulatedEngine(FileOptions with { MemoryBudget = budget });
        using var grown = new SimulatedEngine(Options with { MemoryBudget = budget });
        Assert.Equal(someResident, grown.Blueprint.Plan.Resident > 0);

        foreach (DraftShape shape in new[] { DraftShape.None, new DraftShape(6, 2, 0.01, 12) })
        {
            List<int> expected = file.Driver.Generate(DemoModel.Story, 10, shape, SamplingOptions.Greedy);
            Assert.Equal(expected, grown.Driver.Generate(DemoModel.Story, 10, shape, SamplingOptions.Greedy));
        }
        Assert.Equal((file.Driver.Accepted, file.Driver.Rounds), (grown.Driver.Accepted, grown.Driver.Rounds));
        Assert.Empty(grown.Cuda.Violations);
    }

    [Fact]
    public unsafe void What_is_pinned_is_the_offloaded_layers_to_the_page_and_progress_is_told_of_every_byte()
    {
        using var cuda = new FakeCuda();
        var blueprint = EngineBlueprint.Draw(Options with { CudaDevice = 0 });
        OffloadedLayer[] layers = [.. Enumerable.Range(0, blueprint.Plan.Offloaded).Select(l => new OffloadedLayer(l, blueprint.Model.Linears(l)))];
        long pinned = layers.Sum(l => NativeBuffer.Rounded(l.Tensors.Sum(t => t.Bytes))), told = 0;
        using (var host = new PinnedLayers(cuda, layers, _weights, bytes => told += bytes))
        {
            Assert.Equal((pinned, pinned, pinned), (cuda.PinnedBytes, host.Bytes, PinnedLayers.BytesFor(layers)));
            Assert.Equal(blueprint.Plan.StreamedBytes, told);
            FetchedLayer fetched = default;
            host.Fetch(1, f => fetched = f);
            for (int i = 0; i < host.Layouts[1].Tensors.Count; i++)
            {
                TensorInfo tensor = host.Layouts[1].Tensors[i];
                using var expected = new NativeBuffer(tensor.Bytes);
                _weights.Read(tensor, expected.Pointer);
                byte* place = (byte*)fetched.Memory + host.Layouts[1].Places[i].ReadOffset;
                Assert.True(new Span<byte>(expected.Pointer, (int)tensor.Bytes).SequenceEqual(new Span<byte>(place, (int)tensor.Bytes)), tensor.Name);
            }
        }
        Assert.True(cuda.IsEmpty);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_failure_or_a_cancellation_in_the_middle_of_generating_gives_everything_back(bool cancelled)
    {
        using var cuda = new FakeCuda();
        using var stop = new CancellationTokenSource();
        var source = new Watched(_weights);
        var blueprint = EngineBlueprint.Draw(Options with { CudaDevice = 0, Weights = source });
        using ModelAssets assets = ModelAssets.Load(blueprint);
        long before = NativeBuffer.LiveBytes;
        int reads = 0;
        source.Reading = () =>
        {
            if (Interlocked.Increment(ref reads) < 30) return;
            if (cancelled) stop.Cancel();
            else throw new IOException("no more");
        };
        CudaEngine Build() => new(CudaDevice.Simulate(cuda), blueprint, assets, cancel: stop.Token);

        if (cancelled) Assert.Throws<OperationCanceledException>(Build);
        else Assert.Equal("no more", Assert.Throws<IOException>(Build).Message);
        Assert.InRange(reads, 30, 40);
        Assert.True(cuda.IsEmpty);
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public void Too_little_memory_of_the_host_is_said_before_anything_is_loaded()
    {
        string message = Assert.Throws<BadInputException>(() => EngineBlueprint.Draw(Options with { CudaDevice = 0, HostMemory = 5 << 20 })).Message;

        Assert.Matches(@"the 9 offloaded layers: they take [\d.]+MiB of pinned memory, and 5MiB may be pinned", message);
    }

    [Fact]
    public void The_processor_streams_files_only()
    {
        Assert.Contains("on cpu give a --memory-budget in which all layers fit", Assert.Throws<BadInputException>(() => EngineBlueprint.Draw(Options)).Message, StringComparison.Ordinal);
        OffloadedLayer layer = new(0, [_weights.Find("model.layers.0.mlp.down_proj.weight")]);
        Assert.Contains("is generated, and no file holds it", Assert.Throws<BadInputException>(() => new CheckpointLink([layer], new LinkOptions(1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_all_layers_resident_the_processor_needs_no_file_either()
    {
        List<int> Tokens(EngineOptions options)
        {
            var blueprint = EngineBlueprint.Draw(options with { MemoryBudget = 120 << 20, Context = 128 });
            Assert.Equal(0, blueprint.Plan.Offloaded);
            using ModelAssets assets = ModelAssets.Load(blueprint);
            using var engine = new CpuEngine(blueprint, assets);
            return new EngineDriver(engine).Generate(DemoModel.Story, 12, new DraftShape(6, 1, 0, 7), SamplingOptions.Greedy);
        }

        Assert.Equal(Tokens(FileOptions), Tokens(Options));
    }

    /// <summary>The demo made larger, with and without its file.</summary>
    public sealed class Models : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Models()
        {
            var options = new GrowOptions(DemoModel.Folder, Written, 256, 1536, 9, GrowOptions.DefaultNoise, 1);
            new ModelGrower(options).Run(_ => { }, CancellationToken.None);
            Grown = new GrownModel(options);
            Directory.CreateDirectory(Generated);
            Grown.WriteFiles(Generated);
        }

        public string Written => _folder.File("written");

        public string Generated => _folder.File("generated");

        public string Cache => _folder.File("cache");

        internal GrownModel Grown { get; }

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>A source that asks before each read.</summary>
    private sealed unsafe class Watched(ITensorSource source) : ITensorSource
    {
        public Action? Reading { get; set; }

        public string Fingerprint => source.Fingerprint;

        public IReadOnlyCollection<string> Names => source.Names;

        public TensorInfo Find(string name) => source.Find(name);

        public void Read(TensorInfo tensor, byte* destination)
        {
            Reading?.Invoke();
            source.Read(tensor, destination);
        }

        public void CheckUnchanged() => source.CheckUnchanged();
    }
}
