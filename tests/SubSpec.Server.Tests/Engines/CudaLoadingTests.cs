using System.Collections.Concurrent;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Trees;
using SubSpec.Server.Tests.Http.Support;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Tests.Cuda;

namespace SubSpec.Server.Tests.Engines;

/// <summary>Loading for a GPU by the real factory, on a runtime in the host's memory: how far it is, and that it can be given up.</summary>
[Collection(nameof(DemoEngines))]
public class CudaLoadingTests
{
    private static readonly HostOptions Options = TestServices.Demo with { Device = "cuda" };

    [Fact]
    public async Task Pinning_and_uploading_are_stages_that_go_from_nothing_to_all()
    {
        using var cuda = new FakeCuda();
        var seen = new Seen();

        await using IInferenceHost host = await Factory(cuda).StartAsync(Options, seen, CancellationToken.None);

        LoadStage[] stages = [.. seen.Reports.Select(r => r.Stage).Where(s => s != LoadStage.BuildingSubstitutes).Distinct()];
        Assert.Equal([LoadStage.Opening, LoadStage.LoadingWeights, LoadStage.PinningLayers, LoadStage.UploadingWeights, LoadStage.Probing], stages);
        foreach (LoadStage stage in new[] { LoadStage.PinningLayers, LoadStage.UploadingWeights })
        {
            double[] fractions = [.. seen.Reports.Where(r => r.Stage == stage).Select(r => r.Fraction)];
            Assert.Equal(0, fractions[0]);
            Assert.Equal(fractions.Order(), fractions);
            Assert.InRange(fractions[^1], 0.98, 1);
        }
        Assert.Equal("cuda", host.Info.Device);
        Assert.Empty(cuda.Violations);
    }

    [Theory]
    [InlineData(LoadStage.PinningLayers)]
    [InlineData(LoadStage.UploadingWeights)]
    [InlineData(LoadStage.Probing)]
    public async Task Loading_that_is_cancelled_in_any_of_its_stages_gives_everything_back(LoadStage stage)
    {
        using var cuda = new FakeCuda();
        using var cancel = new CancellationTokenSource();
        long before = NativeBuffer.LiveBytes;
        var seen = new Seen(report =>
        {
            if (report.Stage == stage && (report.Fraction > 0 || stage == LoadStage.Probing)) cancel.Cancel();
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Factory(cuda).StartAsync(Options, seen, cancel.Token));

        Assert.Equal(stage, seen.Reports.Last().Stage);
        Assert.True(cuda.IsEmpty);
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Fact]
    public async Task An_engine_that_is_built_anew_pins_its_layers_again_and_is_no_progress_of_loading()
    {
        using var cuda = new FakeCuda();
        var seen = new Seen();
        int builds = 0;
        var factory = new InferenceHostFactory { OpenCuda = _ => CudaDevice.Simulate(cuda), Decorate = Count };
        await using IInferenceHost host = await factory.StartAsync(Options with { Schedule = "sequential", Shape = DraftShape.None }, seen, CancellationToken.None);
        int reports = seen.Reports.Count;
        int[] expected = await TokensAsync(host);

        cuda.Fault = call => call == "cudaEventSynchronize" && builds == 1 && Thread.CurrentThread.Name == "subspec-copies" ? 700 : null;

        Assert.Equal(expected, await TokensAsync(host));
        Assert.Equal((2, reports), (builds, seen.Reports.Count));

        IEngine Count(IEngine engine)
        {
            builds++;
            return engine;
        }
    }

    private static InferenceHostFactory Factory(FakeCuda cuda) => new() { OpenCuda = _ => CudaDevice.Simulate(cuda) };

    private static async Task<int[]> TokensAsync(IInferenceHost host) =>
        [.. await host.GenerateAsync(DemoService.Story(6), CancellationToken.None).OfType<Completed>().Select(c => c.Result.TokenIds).SingleAsync()];

    private sealed class Seen(Action<LoadProgress>? look = null) : IProgress<LoadProgress>
    {
        public ConcurrentQueue<LoadProgress> Reports { get; } = [];

        public void Report(LoadProgress value)
        {
            Reports.Enqueue(value);
            look?.Invoke(value);
        }
    }
}
