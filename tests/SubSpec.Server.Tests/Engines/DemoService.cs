using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Core.Sampling;
using SubSpec.Core.Schedules;
using SubSpec.Core.Timeline;
using SubSpec.Core.Trees;
using SubSpec.Text;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Streaming;

namespace SubSpec.Server.Tests.Engines;

/// <summary>A real service over the demo model whose link a test can break.</summary>
internal sealed class DemoService : IAsyncDisposable
{
    public const int Context = 160;

    // What hangs is an error; nothing here takes a fraction of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly InferenceHost _host;

    private DemoService(InferenceHost host) => _host = host;

    public static TheoryData<string> Schedules => [.. ScheduleCatalog.BuiltIn.Names];

    public static DraftShape Shape { get; } = new(8, 2, 0, 16);

    public MemoryPlan Plan => _host.Info.Plan;

    /// <summary>Starts a service.</summary>
    /// <param name="resident">Bytes beyond the smallest budget, for resident layers.</param>
    /// <param name="shape">None decodes plainly and makes no substitutes.</param>
    /// <param name="fault">Decides which reads of the link fail.</param>
    /// <param name="built">Told of every engine that is built.</param>
    /// <param name="timeline">Null notes nothing.</param>
    /// <param name="context">Most tokens of a prompt and its answer.</param>
    /// <param name="device">Computes there; null for the processor.</param>
    public static async Task<DemoService> StartAsync(
        string schedule = "sequential", long resident = 0, DraftShape? shape = null, string? folder = null, int sessions = 1,
        Func<ReadRequest, Exception?>? fault = null, Action? built = null, ITimeline? timeline = null, int context = Context, CudaDevice? device = null)
    {
        folder ??= DemoEngines.Folder;
        shape ??= Shape;
        var options = new EngineOptions
        {
            ModelFolder = folder,
            CacheFolder = Path.Combine(Path.GetTempPath(), "subspec-test-cache"),
            Context = context,
            Sequences = sessions,
            TreeRows = 2 * Shape.MaxNodes,
            Drafts = shape.Depth > 0,
            PoisonFreeKv = true,
            CudaDevice = device?.Index,
        };
        var blueprint = EngineBlueprint.Draw(options);
        if (resident > 0) blueprint = EngineBlueprint.Draw(options with { MemoryBudget = blueprint.Plan.SmallestBytes + resident });
        var host = new HostOptions
        {
            ModelPath = folder,
            ModelName = "demo",
            Schedule = schedule,
            Shape = shape,
            LargestShape = shape,
            Sessions = sessions,
            Timeline = timeline ?? ITimeline.Off,
        };
        var assets = ModelAssets.Load(blueprint);
        return new DemoService(await InferenceHost.StartAsync(
            Build, options.TreeRows, Task.FromResult(assets), HuggingFaceTokenizer.Load(folder), host, Describe, CancellationToken.None));

        IDeviceEngine Build(CancellationToken cancel)
        {
            built?.Invoke();
            return device is null ? new CpuEngine(blueprint, assets, fault, cancel) : new CudaEngine(device, blueprint, assets, cancel: cancel);
        }

        HostInfo Describe(IDeviceEngine engine) => new(
            "demo", null, blueprint.Plan, new LoadTimes(0, 0, 0, 0, 0), null, engine.Link.Stats.DirectIo, engine.Deterministic, blueprint.Shape.Threads, null, "cpu", []);
    }

    public Task UseAsync(string schedule, DraftShape shape) => _host.UseScheduleAsync(schedule, shape, CancellationToken.None);

    public Task<EngineTotals> TotalsAsync() => _host.GetTotalsAsync(CancellationToken.None);

    /// <summary>The load once it is what the test waits for.</summary>
    public async Task<EngineLoad> LoadWhereAsync(Func<EngineLoad, bool> condition)
    {
        using var limit = new CancellationTokenSource(Patience);
        EngineLoad load;
        do load = await _host.GetLoadAsync(limit.Token);
        while (!condition(load));
        return load;
    }

    public static GenerationRequest Story(int maxTokens, SamplingOptions? sampling = null, string prompt = "Once upon a time, there was a little girl") =>
        new() { Prompt = new Prompt.Text(prompt), Sampling = sampling ?? new SamplingOptions { Temperature = 0.8, Seed = 21 }, MaxTokens = maxTokens };

    /// <summary>Generates to the end.</summary>
    /// <param name="read">Told the number of deltas so far.</param>
    public Task<GenerationResult> GenerateAsync(GenerationRequest request, CancellationToken cancel = default, Action<int>? read = null) =>
        ReadAsync(request, cancel, read).WaitAsync(Patience, CancellationToken.None);

    /// <summary>The tokens of a request.</summary>
    public async Task<int[]> TokensAsync(GenerationRequest request) => [.. (await GenerateAsync(request)).TokenIds];

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private async Task<GenerationResult> ReadAsync(GenerationRequest request, CancellationToken cancel, Action<int>? read)
    {
        GenerationResult? result = null;
        int deltas = 0;
        await foreach (GenerationEvent happened in _host.GenerateAsync(request, cancel))
        {
            if (happened is Completed completed) result = completed.Result;
            else read?.Invoke(++deltas);
        }
        return result ?? throw new InvalidOperationException("the answer ended without a result");
    }
}
