using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;

namespace SubSpec.Actors.Tests.Service;

/// <summary>KV of earlier requests through the whole service. The fake engine's KV is the token itself, so a wrong slot is a wrong token.</summary>
public class PrefixTests : ServiceTest
{
    private static readonly SamplingOptions Sampled = new() { Temperature = 1, Seed = 9, PresencePenalty = 1 };
    private readonly ToyModel _model = new();

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_second_turn_prefills_only_what_is_new_and_says_what_was_cached(string schedule)
    {
        InferenceClient client = Start(schedule: schedule);
        int[] first = PromptOf(1, 70);
        int[] answer = [.. (await Run(client, Request(first, 30, Sampled))).TokenIds];
        int[] second = [.. first, .. answer, .. PromptOf(2, 25)];
        await LoadWhere(client, l => l.Running == 0);
        EngineTotals before = (await client.GetLoadAsync(Limit)).Totals;

        GenerationResult result = await Run(client, Request(second, 20, Sampled));

        Assert.Equal(_model.Generate(second, 20, Sampled), result.TokenIds);
        // The answer's last token was never computed, and only whole blocks are kept.
        Assert.Equal((125, 96), (result.PromptTokens, result.CachedTokens));
        EngineTotals totals = (await client.GetLoadAsync(Limit)).Totals.Since(before);
        Assert.Equal((29L, 96L), (totals.PrefilledTokens, totals.CachedTokens));
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Sequences_that_share_a_beginning_while_they_run_get_the_tokens_they_get_alone(string schedule)
    {
        InferenceClient client = Start(schedule: schedule);
        int[] system = PromptOf(3, 64);
        await Run(client, Request(system, 1));
        int[][] prompts = [.. Enumerable.Range(0, 8).Select(i => (int[])[.. system, .. PromptOf(i, 3 + 4 * i)])];

        GenerationResult[] results = await Task.WhenAll(prompts.Select(p => Run(client, Request(p, 25, Sampled))));

        for (int i = 0; i < 8; i++) Assert.Equal(_model.Generate(prompts[i], 25, Sampled), results[i].TokenIds);
        Assert.All(results, r => Assert.Equal(64, r.CachedTokens));
        await AssertBalanced(client);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_long_prompt_that_many_ask_for_at_once_is_computed_once(string schedule)
    {
        InferenceClient client = Start(schedule: schedule, prepare: (engine, _) => engine.Link.Hold((_, _) => true));
        await client.WaitForEngineAsync(Limit);
        int[] prompt = PromptOf(1, 200), other = PromptOf(2, 200);
        Task<GenerationResult>[] same = [.. Enumerable.Range(0, 4).Select(i => Run(client, Request(prompt, 10, Sampled with { Seed = (ulong)i })))];
        await LoadWhere(client, l => l.Running == 1 && l.Waiting == 3);
        // Who begins with something else does not wait for it.
        Task<GenerationResult> another = Run(client, Request(other, 10, Sampled));
        await LoadWhere(client, l => l.Running == 2 && l.Waiting == 3);

        Built[0].Link.ReleaseAll();
        GenerationResult[] results = await Task.WhenAll(same);

        for (int i = 0; i < 4; i++) Assert.Equal(_model.Generate(prompt, 10, Sampled with { Seed = (ulong)i }), results[i].TokenIds);
        Assert.Equal(_model.Generate(other, 10, Sampled), (await another).TokenIds);
        // Each of the others still computes less than a pass of it, and what fills no block.
        EngineLoad load = await LoadWhere(client, l => l.Running == 0);
        Assert.InRange(load.Totals.PrefilledTokens, 400 + 3 * 8, 400 + 3 * (64 + KvLedger.BlockSlots));
        Assert.Equal(5 * 200, load.Totals.PrefilledTokens + load.Totals.CachedTokens);
    }

    [Fact]
    public async Task When_the_one_that_others_wait_for_is_cancelled_the_next_one_takes_over()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((_, _) => true));
        await client.WaitForEngineAsync(Limit);
        using var cancel = new CancellationTokenSource();
        GenerationRequest request = Request(PromptOf(1, 200), 10, Sampled);
        Task<GenerationResult> first = Run(client, request, cancel.Token);
        Task<GenerationResult>[] others = [Run(client, request), Run(client, request)];
        await LoadWhere(client, l => l.Running == 1 && l.Waiting == 2);

        await cancel.CancelAsync();

        Assert.Equal(FinishReason.Cancelled, (await first).FinishReason);
        await LoadWhere(client, l => l.Running == 1 && l.Waiting == 1);
        Built[0].Link.ReleaseAll();
        foreach (Task<GenerationResult> other in others) Assert.Equal(_model.Generate(PromptOf(1, 200), 10, Sampled), (await other).TokenIds);
        await AssertBalanced(client);
    }

    [Fact]
    public async Task Nothing_is_found_under_another_scope()
    {
        InferenceClient client = Start();
        int[] prompt = PromptOf(1, 70);
        await Run(client, Request(prompt, 5) with { Scope = "alice" });

        Assert.Equal(0, (await Run(client, Request(prompt, 5) with { Scope = "bob" })).CachedTokens);
        Assert.Equal(0, (await Run(client, Request(prompt, 5))).CachedTokens);
        Assert.Equal(64, (await Run(client, Request(prompt, 5) with { Scope = "alice" })).CachedTokens);
    }

    [Fact]
    public async Task A_full_cache_makes_room_for_everyone_and_stays_right()
    {
        InferenceClient client = Start(new FakeEngineOptions { KvSlots = 160 }, "shared");
        for (int round = 0; round < 3; round++)
        {
            GenerationResult[] results = await Task.WhenAll(
                Enumerable.Range(0, 8).Select(i => Run(client, Request(PromptOf(i, 40 + i), 20, Sampled) with { Scope = $"{i % 3}" })));
            for (int i = 0; i < 8; i++) Assert.Equal(_model.Generate(PromptOf(i, 40 + i), 20, Sampled), results[i].TokenIds);
        }
        await AssertBalanced(client);
    }

    [Fact]
    public async Task A_session_s_turns_wait_for_each_other_and_the_last_finds_the_kv_of_the_first()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((_, _) => true), change: o => o with { MaxSessions = 4 });
        await client.WaitForEngineAsync(Limit);
        GenerationRequest turn = Request(PromptOf(1, 40), 5) with { Session = new("talk"), Scope = "alice" };
        Task<GenerationResult>[] turns = [.. Enumerable.Range(0, 3).Select(_ => Run(client, turn))];
        Task<GenerationResult> other = Run(client, turn with { Scope = "bob" });
        await LoadWhere(client, l => l.Running == 2);

        Built[0].Link.ReleaseAll();

        Assert.Equal([0, 32, 32], (await Task.WhenAll(turns)).Select(r => r.CachedTokens));
        Assert.Equal(0, (await other).CachedTokens);
    }

    [Fact]
    public async Task A_session_survives_its_client()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((read, _) => read > 80));
        GenerationRequest turn = Request(PromptOf(1, 40), 400) with { Session = new("talk") };
        List<int> seen = [];
        await foreach (GenerationEvent e in client.GenerateAsync(turn))
        {
            if (e is TextDelta delta) seen.AddRange(delta.TokenIds);
            if (seen.Count > 10) break;
        }
        await LoadWhere(client, l => l.Running == 0);
        Built[0].Link.Hold((_, _) => false);
        Built[0].Link.ReleaseAll();

        int[] second = [.. PromptOf(1, 40), .. seen, .. PromptOf(2, 9)];
        GenerationResult result = await Run(client, turn with { Prompt = new Prompt.Tokens([.. second]), MaxTokens = 20 });

        Assert.Equal(_model.Generate(second, 20), result.TokenIds);
        Assert.Equal(48, result.CachedTokens);
    }

    [Theory]
    [InlineData(599, 32)]
    [InlineData(601, 0)]
    public async Task A_session_s_kv_outlives_what_others_say_until_it_has_been_idle_for_too_long(double idle, int cached)
    {
        var time = new ManualTime();
        InferenceClient client = Start(new FakeEngineOptions { KvSlots = 128 }, change: o => o with { Time = time, SessionIdle = TimeSpan.FromMinutes(10) });
        GenerationRequest turn = Request(PromptOf(1, 40), 5) with { Session = new("talk") };
        await Run(client, turn);
        await AssertBalanced(client);

        time.Advance(idle);
        for (int i = 2; i < 5; i++)
        {
            await Run(client, Request(PromptOf(i, 40), 5));
            await AssertBalanced(client);
        }

        Assert.Equal(cached, (await Run(client, turn)).CachedTokens);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_prompt_that_is_cancelled_at_any_layer_of_its_prefill_leaves_the_ledger_balanced_and_what_it_shared_right(string schedule)
    {
        int left = int.MaxValue;
        CancellationTokenSource? cancel = null;
        InferenceClient client = Start(schedule: schedule, prepare: (engine, _) => engine.Target.OnLayer = (_, _) =>
        {
            if (Interlocked.Decrement(ref left) == 0) cancel!.Cancel();
        });
        int[] system = PromptOf(3, 32), expected = _model.Generate(system, 8);
        await Run(client, Request(system, 8));
        for (int after = 1; after < 24; after++)
        {
            using var source = new CancellationTokenSource();
            (cancel, left) = (source, after);
            GenerationResult cancelled = await Run(client, Request([.. system, .. PromptOf(after, 30)], 400), source.Token);
            Assert.Equal(FinishReason.Cancelled, cancelled.FinishReason);
            await AssertBalanced(client);

            Assert.Equal(expected, (await Run(client, Request(system, 8))).TokenIds);
        }
        Assert.Single(Built);
    }

    [Fact]
    public async Task After_a_rebuild_nothing_is_cached_and_the_next_turn_is_the_same()
    {
        InferenceClient client = Start(prepare: (engine, number) =>
        {
            if (number == 0) engine.Link.Fails = (read, _) => read > 60 ? new IOException("broken") : null;
        });
        int[] prompt = PromptOf(1, 70);
        await Run(client, Request(prompt, 5));

        GenerationResult broken = await Run(client, Request(prompt, 60, Sampled));
        await LoadWhere(client, l => l.Running == 0);
        GenerationResult again = await Run(client, Request(prompt, 60, Sampled));

        Assert.Equal(2, Built.Count);
        Assert.Equal([64, 64], [broken.CachedTokens, again.CachedTokens]);
        Assert.All([broken, again], r => Assert.Equal(_model.Generate(prompt, 60, Sampled), r.TokenIds));
        await AssertBalanced(client);
    }

    private async Task AssertBalanced(InferenceClient client)
    {
        EngineLoad load = await LoadWhere(client, l => l.Running + l.Waiting == 0 && l.KvFree + l.KvCached == l.KvSlots);
        Assert.Equal(0, load.KvCommitted);
    }
}
