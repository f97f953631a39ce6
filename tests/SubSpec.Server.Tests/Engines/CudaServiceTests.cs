using SubSpec.Actors.Client;
using SubSpec.Core.Engine;
using SubSpec.Core.Sampling;
using SubSpec.Core.Trees;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Tests.Cuda;

namespace SubSpec.Server.Tests.Engines;

/// <summary>The GPU's engine behind the real actors, on a runtime in the host's memory with libtorch computing there.</summary>
[Collection(nameof(DemoEngines))]
public class CudaServiceTests
{
    private static readonly SamplingOptions Sampling = new() { Temperature = 0.8, Seed = 21 };

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task Every_schedule_gives_the_tokens_of_plain_decoding_and_streams_every_layer(string schedule)
    {
        using var cuda = new FakeCuda();
        EngineTotals totals;
        await using (DemoService service = await DemoService.StartAsync(schedule, device: CudaDevice.Simulate(cuda)))
        {
            int[] drafted = await service.TokensAsync(DemoService.Story(24, Sampling));
            totals = await service.TotalsAsync();
            await service.UseAsync("sequential", DraftShape.None);

            Assert.Equal(await service.TokensAsync(DemoService.Story(24, Sampling)), drafted);
        }
        Assert.True(totals.BytesStreamed > 0);
        Assert.InRange(totals.Passes, 2, 20);
        Assert.Empty(cuda.Violations);
        Assert.True(cuda.IsEmpty);
    }

    [Fact]
    public async Task A_copy_that_fails_for_good_rebuilds_the_engine_and_the_answer_goes_on()
    {
        using var cuda = new FakeCuda();
        int builds = 0, failures = 0;
        await using DemoService service = await DemoService.StartAsync("prefetch", device: CudaDevice.Simulate(cuda), built: () => builds++);
        int[] expected = await service.TokensAsync(DemoService.Story(16, Sampling));

        // All copies of this engine's link, and none of the next one's.
        cuda.Fault = call => call == "cudaEventSynchronize" && builds == 1 && Thread.CurrentThread.Name == "subspec-copies" ? Fail() : null;

        Assert.Equal(expected, await service.TokensAsync(DemoService.Story(16, Sampling)));
        Assert.InRange(failures, 3, int.MaxValue);
        Assert.Equal(2, builds);

        int? Fail()
        {
            failures++;
            return 700;
        }
    }

    [Fact]
    public async Task A_device_that_dies_is_an_error_of_the_request_and_not_of_the_process()
    {
        using var cuda = new FakeCuda();
        await using DemoService service = await DemoService.StartAsync("sequential", device: CudaDevice.Simulate(cuda));
        await service.TokensAsync(DemoService.Story(8, Sampling));
        cuda.Fault = _ => 719;

        await Assert.ThrowsAsync<EngineFailedException>(() => service.GenerateAsync(DemoService.Story(8, Sampling)));
    }
}
