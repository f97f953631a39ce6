using System.Collections.Immutable;
using System.Diagnostics;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Torch.Memory;

namespace SubSpec.Server.Tests.Engines;

/// <summary>What requests leave behind, and requests that cannot be served.</summary>
[Collection(nameof(DemoEngines))]
public class LifetimeTests
{
    [Fact]
    public async Task Many_requests_leave_nothing_behind_and_the_service_gives_all_its_memory_back()
    {
        long before = NativeBuffer.LiveBytes;
        await using (DemoService service = await DemoService.StartAsync("prefetch", resident: 8 << 20))
        {
            int[] first = await service.TokensAsync(DemoService.Story(4));
            (long memory, int threads) = (NativeBuffer.LiveBytes, Threads());

            for (int i = 0; i < 200; i++) Assert.Equal(first, await service.TokensAsync(DemoService.Story(4)));

            Assert.Equal(memory, NativeBuffer.LiveBytes);
            // The runtime's own pool may still grow to its size.
            Assert.InRange(Threads(), 0, threads + Environment.ProcessorCount + 4);
            Assert.Equal(0, TorchSharp.torch.Tensor.TotalCount);
        }
        Assert.Equal(before, NativeBuffer.LiveBytes);
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task A_cancelled_request_frees_its_slots_for_one_that_needs_all_of_them(string schedule)
    {
        await using DemoService service = await DemoService.StartAsync(schedule);
        GenerationRequest whole = DemoService.Story(DemoService.Context, SamplingOptions.Greedy with { LogitBias = NoEnd });
        int[] expected = await service.TokensAsync(whole);

        for (int after = 1; after <= 3; after++)
        {
            using var cancel = new CancellationTokenSource();
            int wanted = after;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.GenerateAsync(whole, cancel.Token, deltas =>
            {
                if (deltas == wanted) cancel.Cancel();
            }));
        }

        Assert.Equal(expected, await service.TokensAsync(whole));
        Assert.Equal(DemoService.Context, expected.Length + (await service.GenerateAsync(whole)).PromptTokens);
    }

    [Fact]
    public async Task Requests_that_do_not_fit_are_refused_in_one_clear_line_and_the_next_one_is_served()
    {
        await using DemoService service = await DemoService.StartAsync();
        var tooLong = new GenerationRequest { Prompt = new Prompt.Tokens([.. Enumerable.Range(0, DemoService.Context + 1)]), MaxTokens = 4 };
        var unknown = new GenerationRequest { Prompt = new Prompt.Tokens([5, 4096]), MaxTokens = 4 };

        string context = (await Assert.ThrowsAsync<BadInputException>(() => service.GenerateAsync(tooLong))).Message;
        string vocabulary = (await Assert.ThrowsAsync<BadInputException>(() => service.GenerateAsync(unknown))).Message;

        Assert.Contains($"{DemoService.Context + 1} tokens and the context holds {DemoService.Context}", context);
        Assert.Contains("token id 4096 is not in the vocabulary", vocabulary);
        Assert.Equal(4, (await service.TokensAsync(DemoService.Story(4))).Length);
    }

    internal static ImmutableDictionary<int, float> NoEnd => ImmutableDictionary<int, float>.Empty.Add(4095, -1000).Add(4094, -1000).Add(4093, -1000);

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }
}
