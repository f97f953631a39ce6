using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tests.Service;

public class ConcurrencyTests : ServiceTest
{
    private readonly ToyModel _model = new();

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Eight_sequences_at_once_get_exactly_the_tokens_they_get_alone(string schedule)
    {
        var model = new ToyModel(eosEvery: 60);
        InferenceClient client = Start(new FakeEngineOptions { Model = model }, schedule);

        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Run(client, Request(PromptOf(i, 3 + 4 * i), 20 + i))));

        for (int i = 0; i < 8; i++) Assert.Equal(model.Generate(PromptOf(i, 3 + 4 * i), 20 + i), results[i].TokenIds);
        EngineLoad load = await LoadWhere(client, l => l.Running == 0 && l.KvFree + l.KvCached == l.KvSlots);
        Assert.Equal((0, 0), (load.Waiting, load.KvCommitted));
        // Where a sequence ends while its next tree grows, the step that is queued by then comes too late.
        Assert.InRange(load.Totals.DroppedMessages, 0, schedule is "sequential" or "prefetch" or "shared" ? 0 : results.Length);
        Assert.Equal(results.Sum(r => r.Rounds), load.Totals.Rounds);
    }

    [Fact]
    public async Task Running_sequences_take_turns()
    {
        InferenceClient client = Start(schedule: "sequential", prepare: (engine, _) => engine.Link.Hold((_, _) => true));
        await client.WaitForEngineAsync(Limit);
        Task<GenerationResult>[] running = [.. Enumerable.Range(0, 4).Select(i => Run(client, Request(PromptOf(i, 5), 40)))];
        await LoadWhere(client, l => l.Running == 4);

        Built[0].Link.ReleaseAll();
        await Task.WhenAll(running);

        long[] order = [.. Built[0].Target.Passes.Select(p => Assert.Single(p).Sequence.Value)];
        // Until the first of them is done, every four passes in a row serve all four.
        int shared = running.Min(r => r.Result.Rounds) * 4;
        for (int i = 0; i + 4 <= shared; i++) Assert.Equal(4, order[i..(i + 4)].Distinct().Count());
    }

    [Fact]
    public async Task Sequences_without_kv_slots_wait_in_order_and_run_later()
    {
        InferenceClient client = Start(new FakeEngineOptions { KvSlots = 80 }, prepare: (engine, _) => engine.Link.Hold((_, _) => true));
        await client.WaitForEngineAsync(Limit);
        List<Task<GenerationResult>> running = [];
        for (int i = 0; i < 3; i++)
        {
            running.Add(Run(client, Request(PromptOf(i, 20), 30)));
            await LoadWhere(client, l => l.Running + l.Waiting == i + 1);
        }
        EngineLoad load = await LoadWhere(client, l => l.Waiting == 2);
        Assert.Equal((1, 80), (load.Running, load.KvSlots));

        Built[0].Link.ReleaseAll();

        for (int i = 0; i < 3; i++) Assert.Equal(_model.Generate(PromptOf(i, 20), 30), (await running[i]).TokenIds);
        Assert.Equal([1L, 2, 3], Built[0].Target.Passes.Select(p => p[0].Sequence.Value).Distinct());
    }

    [Fact]
    public async Task What_the_cache_can_never_hold_ends_with_the_cache_as_its_context()
    {
        InferenceClient client = Start(new FakeEngineOptions { KvSlots = 64 });
        int[] prompt = PromptOf(1, 20);

        GenerationResult result = await Run(client, Request(prompt, 500));

        Assert.Equal(_model.Generate(prompt, 500, context: 64), result.TokenIds);
    }

    [Fact]
    public async Task More_requests_than_may_wait_are_rejected_and_say_why()
    {
        InferenceClient client = Start(
            prepare: (engine, _) => engine.Link.Hold((_, _) => true), change: o => o with { MaxSessions = 1, MaxWaiting = 2, MaxWaitingOfSession = 1 });
        await client.WaitForEngineAsync(Limit);
        GenerationRequest first = Request(PromptOf(1, 5), 5) with { Session = new("first") };
        List<Task<GenerationResult>> running = [Run(client, first)];
        await LoadWhere(client, l => l.Running == 1);
        running.AddRange(Run(client, first), Run(client, Request(PromptOf(2, 5), 5)));

        RequestRejectedException busy = await Assert.ThrowsAsync<RequestRejectedException>(() => Run(client, first));
        RequestRejectedException full = await Assert.ThrowsAsync<RequestRejectedException>(() => Run(client, Request(PromptOf(3, 5), 5)));

        Assert.Equal((Rejection.SessionBusy, Rejection.QueueFull), (busy.Why, full.Why));
        Assert.Equal(2, (await client.GetLoadAsync(Limit)).Queued);
        Assert.Contains("session first is busy", busy.Message, StringComparison.Ordinal);
        Assert.Contains("1 requests are running and 2 are waiting", full.Message, StringComparison.Ordinal);
        Built[0].Link.ReleaseAll();
        int[] prompts = [1, 1, 2];
        for (int i = 0; i < 3; i++) Assert.Equal(_model.Generate(PromptOf(prompts[i], 5), 5), (await running[i]).TokenIds);
    }

    [Fact]
    public async Task A_request_without_a_session_id_may_run_several_times_at_once()
    {
        InferenceClient client = Start();
        GenerationRequest request = Request(PromptOf(1, 5), 20);

        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Run(client, request)));

        Assert.All(results, result => Assert.Equal(_model.Generate(PromptOf(1, 5), 20), result.TokenIds));
    }

    [Fact]
    public async Task A_slow_reader_delays_nobody_and_still_gets_everything()
    {
        InferenceClient client = Start(new FakeEngineOptions { Rightness = 0 });
        int[] prompt = PromptOf(1, 5);
        await using IAsyncEnumerator<GenerationEvent> slow = client.GenerateAsync(Request(prompt, 60)).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());
        List<TextDelta> deltas = [Assert.IsType<TextDelta>(slow.Current)];

        await Run(client, Request(PromptOf(2, 5), 20));
        await LoadWhere(client, l => l.Running == 0);
        GenerationResult? result = null;
        while (await slow.MoveNextAsync())
            if (slow.Current is TextDelta delta) deltas.Add(delta);
            else result = Assert.IsType<Completed>(slow.Current).Result;

        Assert.Equal(_model.Generate(prompt, 60), deltas.SelectMany(d => d.TokenIds));
        Assert.Equal(60, result!.TokenIds.Length);
        // Its session joined what the reader had not asked for.
        Assert.InRange(deltas.Count, 2, InferenceClient.Window + 3);
    }
}
