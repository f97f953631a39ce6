using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Text;

namespace SubSpec.Server.Tests.Engines;

/// <summary>KV of earlier requests through the real actors and engine: what is cached needs no prefill and changes no token. Slots that hold nothing hold NaN.</summary>
[Collection(nameof(DemoEngines))]
public class PrefixTests
{
    private const string Story = "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. ";

    private static readonly int[] Long = [.. HuggingFaceTokenizer.Load(DemoEngines.Folder).EncodePrompt(string.Concat(Enumerable.Range(1, 40).Select(i => $"On day {i} it rained. {Story}"))).Take(600)];

    private static readonly SamplingOptions[] Samplings =
    [
        SamplingOptions.Greedy with { LogitBias = LifetimeTests.NoEnd },
        new SamplingOptions { Temperature = 0.8, Seed = 11, RepetitionPenalty = 1.1, LogitBias = LifetimeTests.NoEnd },
    ];

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task The_second_turn_of_a_long_conversation_prefills_only_what_is_new_and_says_the_same_as_a_cold_one(string schedule)
    {
        await using DemoService service = await DemoService.StartAsync(schedule, context: 800);
        Assert.Equal(600, Long.Length);
        foreach (SamplingOptions sampling in Samplings)
        {
            GenerationRequest first = Turn(Long, 20, sampling) with { Scope = $"{sampling.Temperature}" };
            (GenerationResult opening, EngineTotals cold) = await MeasureAsync(service, first);
            int[] question = [.. Long[40..70]], second = [.. Long, .. opening.TokenIds, .. question];

            (GenerationResult warm, EngineTotals totals) = await MeasureAsync(service, Turn(second, 24, sampling) with { Scope = first.Scope });
            GenerationResult anew = await service.GenerateAsync(Turn(second, 24, sampling) with { Scope = $"cold {sampling.Temperature}" });

            Assert.Equal((0, 600L, 0L), (opening.CachedTokens, cold.PrefilledTokens, cold.CachedTokens));
            // Of the first turn all whole blocks are there. The last token of an answer need not have been computed.
            int known = Long.Length + opening.TokenIds.Length - 1, cached = known / KvLedger.BlockSlots * KvLedger.BlockSlots;
            Assert.Equal((second.Length, cached), (warm.PromptTokens, warm.CachedTokens));
            Assert.Equal((second.Length - cached, cached), (totals.PrefilledTokens, totals.CachedTokens));
            Assert.InRange(totals.PrefilledTokens, question.Length + 1, question.Length + KvLedger.BlockSlots);
            Assert.Equal(0, anew.CachedTokens);
            Assert.Equal(anew.TokenIds.AsEnumerable(), warm.TokenIds);
        }
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task Sequences_that_share_a_system_prompt_at_once_get_the_tokens_they_get_alone(string schedule)
    {
        await using DemoService service = await DemoService.StartAsync(schedule, sessions: 4);
        int[] system = Long[..50];
        GenerationRequest[] requests = [.. Enumerable.Range(0, 4).Select(i => Turn([.. system, .. Long[(60 + 20 * i)..(65 + 24 * i)]], 24, Samplings[i % 2]))];
        List<int[]> alone = [];
        foreach (GenerationRequest request in requests) alone.Add(await service.TokensAsync(request with { Scope = $"alone {alone.Count}" }));
        await service.TokensAsync(Turn(system, 1, SamplingOptions.Greedy));

        GenerationResult[] together = await Task.WhenAll(requests.Select(r => service.GenerateAsync(r)));

        Assert.Equal(alone, together.Select(r => r.TokenIds.ToArray()));
        Assert.All(together, r => Assert.Equal(48, r.CachedTokens));
        await AssertBalancedAsync(service);
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task A_cached_prompt_survives_a_rebuild_of_the_engine_in_the_midst_of_its_answer(string schedule)
    {
        var link = new BrokenLink();
        await using DemoService service = await DemoService.StartAsync(schedule, fault: link.Fault, built: link.CountBuild);
        GenerationRequest request = Turn(Long[..90], 24, Samplings[1]);
        int[] expected = await service.TokensAsync(request);

        link.FailNext(reads: 3, after: 2);
        GenerationResult broken = await service.GenerateAsync(request);
        GenerationResult again = await service.GenerateAsync(request);

        Assert.Equal((3, 2), (link.Failed, link.Builds));
        Assert.Equal([80, 80], [broken.CachedTokens, again.CachedTokens]);
        Assert.All([broken, again], r => Assert.Equal(expected, r.TokenIds.AsEnumerable()));
        await AssertBalancedAsync(service);
    }

    [Theory]
    [MemberData(nameof(DemoService.Schedules), MemberType = typeof(DemoService))]
    public async Task A_request_that_is_cancelled_soon_after_its_prefill_began_leaves_the_ledger_balanced_and_the_cache_right(string schedule)
    {
        int left = -1;
        CancellationTokenSource? cancel = null;
        await using DemoService service = await DemoService.StartAsync(schedule, fault: _ =>
        {
            if (Interlocked.Decrement(ref left) == 0) cancel!.Cancel();
            return null;
        });
        GenerationRequest request = Turn(Long[..40], 12, Samplings[1]);
        int[] expected = await service.TokensAsync(request);
        foreach (int after in new[] { 1, 2, 3, 5, 8 })
        {
            using var source = new CancellationTokenSource();
            (cancel, left) = (source, after);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.GenerateAsync(Turn([.. Long[..40], .. Long[100..150]], 60, Samplings[0]), source.Token));
            left = -1;
            await AssertBalancedAsync(service);

            GenerationResult next = await service.GenerateAsync(request);
            Assert.Equal(expected, next.TokenIds.AsEnumerable());
            Assert.Equal(32, next.CachedTokens);
        }
    }

    [Fact]
    public async Task A_cache_that_is_always_full_serves_everyone_the_right_tokens()
    {
        await using DemoService service = await DemoService.StartAsync("shared", sessions: 2);
        GenerationRequest[] requests = [.. Enumerable.Range(0, 12).Select(i => Turn(Long[(10 * i)..(10 * i + 60 + i)], 12, Samplings[i % 2]) with { Scope = $"{i % 5}" })];
        List<int[]> first = [];
        foreach (GenerationRequest request in requests) first.Add(await service.TokensAsync(request));

        // Two at once, in another order, with a conversation of the same length between them: most of it was evicted by then.
        for (int i = 0; i < requests.Length; i++)
        {
            int a = i * 5 % requests.Length, b = (i * 7 + 1) % requests.Length;
            int[][] tokens = await Task.WhenAll(service.TokensAsync(requests[a]), service.TokensAsync(requests[b] with { Session = new("talk") }));
            Assert.Equal([first[a], first[b]], tokens);
        }
        EngineLoad load = await AssertBalancedAsync(service);
        Assert.True(load.KvFree < load.KvSlots / 2, $"{load.KvFree} of {load.KvSlots} slots are free: nothing was evicted");
        Assert.True(load.Totals.CachedTokens > 0);
    }

    private static GenerationRequest Turn(int[] prompt, int maxTokens, SamplingOptions sampling) =>
        new() { Prompt = new Prompt.Tokens([.. prompt]), MaxTokens = maxTokens, Sampling = sampling };

    private static async Task<EngineLoad> AssertBalancedAsync(DemoService service)
    {
        EngineLoad load = await service.LoadWhereAsync(l => l.Running + l.Waiting == 0 && l.KvFree + l.KvCached == l.KvSlots);
        Assert.Equal(0, load.KvCommitted);
        return load;
    }

    private static async Task<(GenerationResult Result, EngineTotals Totals)> MeasureAsync(DemoService service, GenerationRequest request)
    {
        EngineTotals before = await service.TotalsAsync();
        GenerationResult result = await service.GenerateAsync(request);
        return (result, (await service.TotalsAsync()).Since(before));
    }
}
