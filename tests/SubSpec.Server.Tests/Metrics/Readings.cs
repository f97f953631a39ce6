using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Core.Planning;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Tests.Metrics;

/// <summary>Made-up engines.</summary>
internal static class Readings
{
    public static EngineTotals Totals { get; } = new(12, 10, 9000, 9500, 1.5, 0.5, 0.4, 0.25, 0.1, 96, 300, 640, 100, 95, 6, 4, 30, 0)
    {
        PrefilledTokens = 40,
        CachedTokens = 60,
        CommittedTokens = 181,
        DraftedTokens = 640,
        AcceptedTokens = 170,
    };

    public static HostInfo Info { get; } = new(
        "demo", null, new MemoryPlan(2048, [LayerPlacement.Offloaded, LayerPlacement.Resident, LayerPlacement.Offloaded], 3, [], 0, 0, 0, 0, 0), new LoadTimes(1, 0, 0, 0, 0), null, true, true, 2, 1e8, "cpu", []);

    public static EngineReading Loaded { get; } = new("demo", Info, new EngineLoad(EngineState.Ready, Totals, 3, 2, 100, 25, null) { KvFree = 45, KvCached = 30 }, 1024);

    public static EngineReading Unloaded { get; } = new("demo", null, null, 0);
}
