using System.Runtime.CompilerServices;
using SubSpec.Core.Engine;
using SubSpec.Core.Trees;
using SubSpec.Server.Tests.Lossless;
using SubSpec.Text;
using SubSpec.Torch.Engine;

namespace SubSpec.Server.Tests;

/// <summary>Real services over the demo model. Tests that start them run one after the other: they count memory and use all processors.</summary>
[CollectionDefinition(nameof(DemoEngines), DisableParallelization = true)]
public sealed class DemoEngines
{
    private static readonly string Cache = Path.Combine(Path.GetTempPath(), "subspec-test-cache");

    public static string Folder => Path.Combine(Root(), "config", "models", "demo");

    /// <param name="decorate">Put around the engine; null for nothing.</param>
    internal static async Task<IInferenceHost> StartAsync(EngineCase engine, Func<IEngine, IEngine>? decorate = null)
    {
        var options = new EngineOptions
        {
            ModelFolder = Folder,
            CacheFolder = Cache,
            Threads = engine.Threads,
            PassRows = Math.Max(engine.ChunkRows, LosslessCase.MaxNodes),
            TreeRows = 2 * LosslessCase.MaxNodes,
            DraftRows = 3 * 8,
            Sequences = 3,
            PoisonFreeKv = true,
        };
        long smallest = EngineBlueprint.Draw(options).Plan.SmallestBytes, all = 32L << 20;
        var blueprint = EngineBlueprint.Draw(options with { MemoryBudget = smallest + (long)(engine.ResidentShare * all) });
        var host = new HostOptions
        {
            ModelPath = Folder,
            ModelName = "demo",
            Schedule = "sequential",
            Shape = DraftShape.None,
            LargestShape = new DraftShape(48, 8, 0, LosslessCase.MaxNodes),
            Rows = engine.ChunkRows,
            Sessions = 3,
        };
        return await InferenceHost.StartAsync(blueprint, Task.FromResult(ModelAssets.Load(blueprint)), HuggingFaceTokenizer.Load(Folder), host, Describe, CancellationToken.None, decorate);

        HostInfo Describe(IDeviceEngine built) => new(
            "demo", null, blueprint.Plan, new LoadTimes(0, 0, 0, 0, 0), null, built.Link.Stats.DirectIo, built.Deterministic, engine.Threads, null, "cpu", []);
    }

    private static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));
}
