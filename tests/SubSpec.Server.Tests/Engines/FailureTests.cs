using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Core.Trees;

namespace SubSpec.Server.Tests.Engines;

/// <summary>Failures of the link and of the checkpoint, through the real actors and engine.</summary>
[Collection(nameof(DemoEngines))]
public class FailureTests
{
    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task Two_failed_reads_are_tried_again(string schedule)
    {
        var link = new BrokenLink();
        await using DemoService service = await DemoService.StartAsync(schedule, fault: link.Fault, built: link.CountBuild);
        int[] expected = await service.TokensAsync(DemoService.Story(16));

        link.FailNext(reads: 2);

        Assert.Equal(expected, await service.TokensAsync(DemoService.Story(16)));
        Assert.Equal(2, link.Failed);
        Assert.Equal(1, link.Builds);
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task After_three_failed_reads_the_engine_is_rebuilt_and_the_tokens_are_the_same(string schedule)
    {
        var link = new BrokenLink();
        await using DemoService service = await DemoService.StartAsync(schedule, fault: link.Fault, built: link.CountBuild);
        int[] expected = await service.TokensAsync(DemoService.Story(24));

        // In the midst of the answer, after its prompt and one round: what it has by then is its prompt after the rebuild.
        link.FailNext(reads: 3, after: 2);

        Assert.Equal(expected, await service.TokensAsync(DemoService.Story(24)));
        Assert.Equal(3, link.Failed);
        Assert.Equal(2, link.Builds);
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task A_link_that_stays_broken_is_an_error_and_a_repaired_one_serves_again(string schedule)
    {
        var link = new BrokenLink();
        await using DemoService service = await DemoService.StartAsync(schedule, fault: link.Fault, built: link.CountBuild);
        int[] expected = await service.TokensAsync(DemoService.Story(16));
        link.FailNext(reads: int.MaxValue);

        var error = await Assert.ThrowsAsync<EngineFailedException>(() => service.GenerateAsync(DemoService.Story(16)));
        Assert.Contains("injected", error.Message);
        await Assert.ThrowsAsync<EngineFailedException>(() => service.GenerateAsync(DemoService.Story(16)));

        link.FailNext(reads: 0);
        Assert.Equal(expected, await service.TokensAsync(DemoService.Story(16)));
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task A_checkpoint_that_changes_on_disk_ends_the_service_with_a_clear_error(string schedule)
    {
        using var copy = new CopiedModel(DemoEngines.Folder);
        await using DemoService service = await DemoService.StartAsync(schedule, shape: DraftShape.None, folder: copy.Folder);
        Assert.Equal(6, (await service.TokensAsync(DemoService.Story(6))).Length);

        string file = Path.Combine(copy.Folder, "model.safetensors");
        File.SetLastWriteTimeUtc(file, File.GetLastWriteTimeUtc(file).AddSeconds(1));

        for (int request = 0; request < 2; request++)
        {
            var error = await Assert.ThrowsAsync<BadInputException>(() => service.GenerateAsync(DemoService.Story(6)));
            Assert.Contains(file, error.Message);
            Assert.Contains("changed", error.Message);
            Assert.DoesNotContain('\n', error.Message);
        }
    }
}
