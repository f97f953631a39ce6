using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core.Generation;

namespace SubSpec.Actors.Tests.Service;

public class CancellationTests : ServiceTest
{
    private readonly List<int> _layers = [];

    [Fact]
    public async Task A_cancel_while_a_layer_is_held_back_ends_the_pass_before_that_layer()
    {
        InferenceClient client = Start(prepare: Watch);
        using var cancel = new CancellationTokenSource();
        Task<GenerationResult> running = Run(client, Request(PromptOf(1, 6), 20), cancel.Token);
        await AwaitLayers(3);

        await cancel.CancelAsync();

        Assert.Equal(FinishReason.Cancelled, (await running).FinishReason);
        EngineLoad load = await LoadWhere(client, l => l.Totals.Passes == 1);
        Assert.Equal([0, 1, 2, 3], _layers);
        Assert.Equal((0, 2, 2003L), (load.Running, load.Totals.LayersConsumed, load.Totals.BytesStreamed));
        Assert.Equal(1, Built[0].Target.Abandoned);
        await AwaitAssertAsync(() => Assert.Equal(1, Built[0].Kv.Retired), Patience);
    }

    [Fact]
    public async Task After_a_cancel_the_next_sequence_has_its_slots_and_the_right_tokens()
    {
        InferenceClient client = Start(new FakeEngineOptions { KvSlots = 64 }, prepare: Watch);
        using var cancel = new CancellationTokenSource();
        Task<GenerationResult> first = Run(client, Request(PromptOf(1, 20), 40), cancel.Token);
        await AwaitLayers(3);
        Task<GenerationResult> second = Run(client, Request(PromptOf(2, 20), 30));
        await LoadWhere(client, l => l.Waiting == 1);
        Built[0].Link.Hold((_, _) => false);

        await cancel.CancelAsync();

        Assert.Empty((await first).TokenIds);
        Assert.Equal(new ToyModel().Generate(PromptOf(2, 20), 30), (await second).TokenIds);
    }

    [Fact]
    public async Task A_cancel_while_generating_gives_what_there_is()
    {
        int[] plain = new ToyModel().Generate(PromptOf(1, 6), 400);
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((read, _) => read > 60));
        using var cancel = new CancellationTokenSource();
        List<int> tokens = [];
        GenerationResult? result = null;
        await foreach (GenerationEvent e in client.GenerateAsync(Request(PromptOf(1, 6), 400), cancel.Token))
        {
            if (e is TextDelta delta) tokens.AddRange(delta.TokenIds);
            if (tokens.Count > 5) await cancel.CancelAsync();
            result = (e as Completed)?.Result;
        }
        Assert.Equal(FinishReason.Cancelled, result!.FinishReason);
        Assert.Equal(tokens, result.TokenIds.AsEnumerable());
        Assert.Equal(plain.Take(tokens.Count), tokens);
        Assert.InRange(tokens.Count, 6, 399);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task A_cancel_at_any_layer_or_draft_step_leaves_the_others_their_tokens_and_nothing_behind(string schedule)
    {
        int left = int.MaxValue;
        CancellationTokenSource? cancel = null;
        InferenceClient client = Start(schedule: schedule, prepare: (engine, _) =>
        {
            engine.Target.OnLayer = (_, _) => Count();
            engine.Draft.OnStep = _ => Count();
        });
        for (int after = 1; after < 60; after += 2)
        {
            using var source = new CancellationTokenSource();
            (cancel, left) = (source, after);
            Task<GenerationResult> cancelled = Run(client, Request(PromptOf(after, 12), 400), source.Token);

            Assert.Equal(new ToyModel().Generate(PromptOf(after, 9), 12), (await Run(client, Request(PromptOf(after, 9), 12))).TokenIds);
            Assert.Equal(FinishReason.Cancelled, (await cancelled).FinishReason);
            cancel = null;
        }
        EngineLoad load = await LoadWhere(client, l => l.Running + l.Waiting == 0 && l.KvFree + l.KvCached == l.KvSlots);
        Assert.Equal((0, EngineState.Ready), (load.KvCommitted, load.State));
        // A request may be cancelled before it has a lease at all.
        await AwaitAssertAsync(() => Assert.Equal(0, Built[0].Kv.InUse), Patience);
        Assert.InRange(Built[0].Kv.Retired, 30, 60);
        Assert.Single(Built);

        void Count()
        {
            if (Interlocked.Decrement(ref left) == 0) cancel!.Cancel();
        }
    }

    [Fact]
    public async Task A_reader_that_goes_away_cancels()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Hold((read, _) => read > 60));
        await foreach (GenerationEvent e in client.GenerateAsync(Request(PromptOf(1, 6), 400))) break;
        await LoadWhere(client, l => l.Running == 0 && l.Totals.Passes > 0);
    }

    [Fact]
    public async Task Sequences_and_sessions_that_wait_can_be_cancelled()
    {
        InferenceClient client = Start(
            new FakeEngineOptions { KvSlots = 64 }, prepare: Watch, change: o => o with { MaxSessions = 2, MaxWaiting = 1 });
        Task<GenerationResult> first = Run(client, Request(PromptOf(1, 20), 40));
        await AwaitLayers(3);
        using CancellationTokenSource forSlots = new(), forSession = new();
        Task<GenerationResult> second = Run(client, Request(PromptOf(2, 20), 40), forSlots.Token);
        await LoadWhere(client, l => l.Waiting == 1);
        Task<GenerationResult> third = Run(client, Request(PromptOf(3, 20), 40), forSession.Token);

        await forSession.CancelAsync();
        await forSlots.CancelAsync();

        Assert.Equal([FinishReason.Cancelled, FinishReason.Cancelled], [(await second).FinishReason, (await third).FinishReason]);
        await LoadWhere(client, l => l.Waiting == 0 && l.Running == 1);
        Built[0].Link.ReleaseAll();
        Assert.Equal(40, (await first).TokenIds.Length);
    }

    [Fact]
    public async Task A_request_that_is_cancelled_before_it_begins_does_not_begin()
    {
        InferenceClient client = Start();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Run(client, Request([1], 5), new CancellationToken(canceled: true)));
        Assert.Equal(0, (await client.GetLoadAsync(Limit)).Totals.Passes);
    }

    // Layer 4 never comes by itself.
    private void Watch(FakeEngine engine, int number)
    {
        engine.Link.Hold((_, layer) => layer == 4);
        engine.Target.OnLayer = (_, layer) =>
        {
            lock (_layers) _layers.Add(layer);
        };
    }

    private Task AwaitLayers(int last) => AwaitAssertAsync(() =>
    {
        lock (_layers) Assert.Contains(last, _layers);
    }, Patience);
}
