using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting;
using Akka.TestKit;
using SubSpec.Actors.Client;
using SubSpec.Actors.Engines;
using SubSpec.Actors.Hosting;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>A test of the whole service on fake engines. No actor may get a message that it does not know.</summary>
public abstract class ServiceTest : ActorTest
{
    private readonly TestProbe _unhandled;

    protected ServiceTest()
    {
        _unhandled = CreateTestProbe();
        Sys.EventStream.Subscribe(_unhandled.Ref, typeof(UnhandledMessage));
    }

    private protected static readonly ScheduleSettings Settings = new(new DraftShape(5, 2, 0, 11), ChunkRows: 8) { PassRows = 64 };

    public static TheoryData<string> Schedules => [.. ScheduleCatalog.BuiltIn.Names];

    /// <summary>Engines in the order in which they were built.</summary>
    private protected List<FakeEngine> Built { get; } = [];

    /// <summary>Starts the service.</summary>
    /// <param name="prepare">Called with each engine that is built, and its number from 0.</param>
    private protected InferenceClient Start(
        FakeEngineOptions? engine = null, string schedule = "prefetch", Action<FakeEngine, int>? prepare = null, Func<SubSpecActorOptions, SubSpecActorOptions>? change = null)
    {
        var options = new SubSpecActorOptions
        {
            Engine = () => Build(engine ?? new FakeEngineOptions(), prepare),
            Codec = new FakeCodec(),
            Schedule = ScheduleCatalog.BuiltIn.Create(schedule, Settings),
            TreeRows = 2 * Settings.Shape.MaxNodes,
        };
        SubSpecHostingExtensions.Start(Sys, ActorRegistry.For(Sys), change is null ? options : change(options));
        return InferenceClient.For(Sys);
    }

    private protected static GenerationRequest Request(int[] prompt, int maxTokens, SamplingOptions? sampling = null, params string[] stop) => new()
    {
        Prompt = new Prompt.Tokens([.. prompt]),
        MaxTokens = maxTokens,
        Sampling = sampling ?? SamplingOptions.Greedy,
        Stop = [.. stop],
    };

    /// <summary>Reads a generation to its end; checks that its deltas add up to its result.</summary>
    private protected static async Task<GenerationResult> Run(InferenceClient client, GenerationRequest request, CancellationToken cancel = default)
    {
        string text = "";
        ImmutableArray<int> tokens = [];
        await foreach (GenerationEvent e in client.GenerateAsync(request, cancel))
        {
            if (e is TextDelta delta)
            {
                text += delta.Text;
                tokens = tokens.AddRange(delta.TokenIds);
            }
            else if (e is Completed completed)
            {
                Assert.Equal(completed.Result.Text, text);
                Assert.Equal(completed.Result.TokenIds.AsEnumerable(), tokens);
                return completed.Result;
            }
        }
        throw new InvalidOperationException("the generation ended without a result");
    }

    private protected static int[] PromptOf(int seed, int length) => [.. Enumerable.Range(0, length).Select(i => 1 + (seed * 37 + i * 11) % 90)];

    /// <summary>The load once it is what the test waits for.</summary>
    private protected async Task<EngineLoad> LoadWhere(InferenceClient client, Func<EngineLoad, bool> condition)
    {
        EngineLoad? load = null;
        await AwaitConditionAsync(async () => condition(load = await client.GetLoadAsync(Limit)), Patience, TimeSpan.FromMilliseconds(5));
        return load!;
    }

    protected override void AfterAll()
    {
        object? unhandled = _unhandled.HasMessages ? _unhandled.ReceiveOne(TimeSpan.Zero) : null;
        base.AfterAll();
        Assert.Null(unhandled);
    }

    private FakeEngine Build(FakeEngineOptions options, Action<FakeEngine, int>? prepare)
    {
        var engine = new FakeEngine(options);
        Built.Add(engine);
        prepare?.Invoke(engine, Built.Count - 1);
        return engine;
    }
}
