using Akka.Actor;
using Akka.Hosting;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Actors.Verifying;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Tests.Service;

public class RecoveryTests : ServiceTest
{
    private static readonly SamplingOptions Sampled = new() { Temperature = 1, Seed = 9, PresencePenalty = 1 };
    private readonly ToyModel _model = new();

    public static TheoryData<string, string> Failures()
    {
        var data = new TheoryData<string, string>();
        foreach (string schedule in ScheduleCatalog.BuiltIn.Names)
            foreach (string phase in new[] { "prefill", "draft", "verify", "stream" })
                data.Add(phase, schedule);
        return data;
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public async Task After_a_failure_the_engine_is_rebuilt_and_the_tokens_are_the_same(string phase, string schedule)
    {
        InferenceClient client = Start(schedule: schedule, prepare: (engine, number) =>
        {
            if (number == 0) Break(engine, phase);
        });

        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 3).Select(i => Run(client, Request(PromptOf(i, 12), 30, Sampled))));

        for (int i = 0; i < 3; i++) Assert.Equal(_model.Generate(PromptOf(i, 12), 30, Sampled), results[i].TokenIds);
        Assert.Equal([true, false], Built.Select(e => e.IsDisposed));
        Assert.Equal(EngineState.Ready, (await client.GetLoadAsync(Limit)).State);
    }

    [Theory]
    [MemberData(nameof(Schedules))]
    public async Task Failures_with_progress_in_between_are_all_survived(string schedule)
    {
        InferenceClient client = Start(schedule: schedule, prepare: (engine, number) =>
        {
            // Later builds take longer to get back to where they were: the prompts grow.
            int left = number < 12 ? 130 + 7 * number : int.MaxValue;
            engine.Target.OnLayer = (_, _) => Count(ref left);
            engine.Draft.OnStep = _ => Count(ref left);
        });

        GenerationResult[] results = await Task.WhenAll(Enumerable.Range(0, 2).Select(i => Run(client, Request(PromptOf(i, 12), 70, Sampled))));

        for (int i = 0; i < 2; i++) Assert.Equal(_model.Generate(PromptOf(i, 12), 70, Sampled), results[i].TokenIds);
        Assert.InRange(Built.Count, 3, 13);
        Assert.All(Built.SkipLast(1), e => Assert.True(e.IsDisposed));

        static void Count(ref int left)
        {
            if (--left == 0) throw new IOException("broken");
        }
    }

    [Fact]
    public async Task A_second_failure_without_progress_is_an_error_and_the_next_request_builds_anew()
    {
        InferenceClient client = Start(prepare: (engine, number) =>
        {
            if (number < 2) Break(engine, "prefill");
        });

        EngineFailedException failed = await Assert.ThrowsAsync<EngineFailedException>(() => Run(client, Request(PromptOf(1, 5), 9)));

        Assert.Contains("broken", failed.InnerException!.Message, StringComparison.Ordinal);
        Assert.Equal(_model.Generate(PromptOf(1, 5), 9), (await Run(client, Request(PromptOf(1, 5), 9))).TokenIds);
        Assert.Equal(3, Built.Count);
    }

    [Fact]
    public async Task A_link_that_stays_broken_is_a_typed_error()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Link.Fails = (_, layer) => layer == 2 ? new IOException("short read of layer 2") : null);

        EngineFailedException failed = await Assert.ThrowsAsync<EngineFailedException>(() => Run(client, Request(PromptOf(1, 5), 9)));

        Assert.Contains("short read of layer 2", failed.Message, StringComparison.Ordinal);
        Assert.All(Built.Take(2), e => Assert.Equal(3, e.Link.Begun.Count(layer => layer == 2)));
    }

    [Fact]
    public async Task A_request_that_breaks_every_engine_fails_alone()
    {
        InferenceClient client = Start(prepare: (engine, _) => engine.Target.OnLayer = (_, _) =>
        {
            if (engine.Target.Passes[^1].Any(r => r.Sequence.Value == 3)) throw new InvalidOperationException("broken");
        });

        Task<GenerationResult>[] good = [.. Enumerable.Range(0, 2).Select(i => Run(client, Request(PromptOf(i, 16), 40) with { Sampling = Sampled }))];
        await LoadWhere(client, l => l.Totals.Rounds > 0);
        await Assert.ThrowsAsync<EngineFailedException>(() => Run(client, Request(PromptOf(9, 7), 20)));

        for (int i = 0; i < 2; i++) Assert.Equal(_model.Generate(PromptOf(i, 16), 40, Sampled), (await good[i]).TokenIds);
    }

    [Fact]
    public async Task A_checkpoint_that_changed_ends_the_engine_with_that_error()
    {
        InferenceClient client = Start(prepare: (engine, _) =>
            engine.Link.Fails = (read, _) => read > 9 ? new BadInputException("the checkpoint changed on disk: start again") : null);

        BadInputException ended = await Assert.ThrowsAsync<BadInputException>(() => Run(client, Request(PromptOf(1, 5), 50)));
        BadInputException later = await Assert.ThrowsAsync<BadInputException>(() => Run(client, Request(PromptOf(1, 5), 50)));

        Assert.Equal("the checkpoint changed on disk: start again", ended.Message);
        Assert.Same(ended, later);
        Assert.Same(ended, await Assert.ThrowsAsync<BadInputException>(() => client.WaitForEngineAsync(Limit)));
        Assert.Equal(EngineState.Ended, (await client.GetLoadAsync(Limit)).State);
        Assert.Single(Built);
    }

    [Fact]
    public async Task A_build_that_fails_once_is_tried_again_and_bad_input_is_not()
    {
        int builds = 0;
        InferenceClient client = Start(prepare: (_, _) =>
        {
            if (builds++ == 0) throw new IOException("busy");
        });
        Assert.Equal(512, (await client.WaitForEngineAsync(Limit)).Context);
        Assert.Equal(2, builds);
    }

    [Fact]
    public async Task A_build_that_fails_twice_fails_who_waits_and_the_next_request_tries_again()
    {
        bool broken = true;
        InferenceClient client = Start(prepare: (_, _) => _ = broken ? throw new IOException("no memory") : 0);

        Assert.Contains("no memory", (await Assert.ThrowsAsync<EngineFailedException>(() => client.WaitForEngineAsync(Limit))).Message, StringComparison.Ordinal);
        Assert.Equal(EngineState.Down, (await LoadWhere(client, l => l.State != EngineState.Building)).State);
        broken = false;
        Assert.Equal(5, (await Run(client, Request(PromptOf(1, 5), 5))).TokenIds.Length);
        Assert.Equal(3, Built.Count);
    }

    [Fact]
    public async Task A_model_that_cannot_be_used_is_said_to_who_waits_and_to_who_asks()
    {
        InferenceClient client = Start(prepare: (_, _) => throw new BadInputException("no such model"));

        Assert.Equal("no such model", (await Assert.ThrowsAsync<BadInputException>(() => client.WaitForEngineAsync(Limit))).Message);
        Assert.Equal("no such model", (await Assert.ThrowsAsync<BadInputException>(() => Run(client, Request([1], 5)))).Message);
        Assert.Single(Built);
    }

    [Fact]
    public async Task The_engine_lives_and_dies_on_the_one_compute_thread()
    {
        var threads = new HashSet<int>();
        InferenceClient client = Start(prepare: (engine, number) =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            engine.Draft.OnStep = _ => threads.Add(Environment.CurrentManagedThreadId);
            engine.Target.OnLayer = (pass, _) =>
            {
                threads.Add(Environment.CurrentManagedThreadId);
                if (number == 0 && pass.Value == 3) throw new IOException("broken");
            };
        });

        await Run(client, Request(PromptOf(1, 5), 30));
        await Sys.Terminate();

        Assert.All(Built, e => Assert.True(e.IsDisposed));
        Assert.Equal(Assert.Single(threads), Assert.Single(Built.Select(e => e.DisposeThread).Distinct()));
    }

    [Fact]
    public async Task Messages_of_a_former_engine_are_dropped_and_counted()
    {
        InferenceClient client = Start();
        await client.WaitForEngineAsync(Limit);
        IActorRef scheduler = ActorRegistry.For(Sys).Get<SchedulerActor>();
        var figures = new PassFigures(1, 1, 1, 1, 1, new LinkStats(1, 1, true));

        scheduler.Tell(new PassVerified(new EngineEpoch(0), new PassId(1), [], figures));
        scheduler.Tell(new PassVerified(new EngineEpoch(1), new PassId(1), [], figures));

        EngineLoad load = await LoadWhere(client, l => l.Totals.DroppedMessages == 2);
        Assert.Equal((0L, 0L), (load.Totals.Passes, load.Totals.BytesStreamed));
        Assert.Equal(_model.Generate([1], 9), (await Run(client, Request([1], 9))).TokenIds);
    }

    [Fact]
    public async Task A_scheduler_that_fails_tells_its_sessions_and_begins_anew()
    {
        InferenceClient client = Start(prepare: (engine, number) => engine.Link.Hold((_, _) => number == 0));
        Task<GenerationResult> running = Run(client, Request(PromptOf(1, 5), 9));
        await LoadWhere(client, l => l.Running == 1);

        ActorRegistry.For(Sys).Get<SchedulerActor>().Tell(new EnqueueSequence(new SequenceId(1), [1], SamplingOptions.Greedy, 1));

        await Assert.ThrowsAsync<EngineFailedException>(() => running);
        Assert.Equal(_model.Generate(PromptOf(2, 5), 9), (await Run(client, Request(PromptOf(2, 5), 9))).TokenIds);
        Assert.Equal(2, Built.Count);
    }

    [Fact]
    public async Task A_supervisor_that_fails_begins_anew_and_the_sequences_go_on_from_their_tokens()
    {
        InferenceClient client = Start(prepare: (engine, number) => engine.Link.Hold((read, _) => number == 0 && read >= 12));
        Task<GenerationResult> running = Run(client, Request(PromptOf(1, 5), 40));
        await LoadWhere(client, l => l.Totals.Passes >= 1);

        ActorRegistry.For(Sys).Get<EngineActor>().Tell(new PartFailed(new EngineEpoch(1), null!));

        Assert.Equal(_model.Generate(PromptOf(1, 5), 40), (await running).TokenIds);
        Assert.Equal(2, Built.Count);
        Assert.True(Built[0].IsDisposed);
    }

    private static void Break(FakeEngine engine, string phase)
    {
        switch (phase)
        {
            case "prefill":
                engine.Target.OnLayer = (_, layer) => Throw(layer == 3);
                break;
            case "draft":
                engine.Draft.OnStep = round => Throw(round.Value == 4);
                break;
            case "verify":
                engine.Target.OnLayer = (pass, layer) => Throw(pass.Value == 6 && layer == 3);
                break;
            default:
                engine.Link.Fails = (read, _) => read >= 30 ? new IOException("broken") : null;
                break;
        }

        static void Throw(bool now)
        {
            if (now) throw new IOException("broken");
        }
    }
}
