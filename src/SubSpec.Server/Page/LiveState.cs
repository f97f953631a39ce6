using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core.Engine;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Metrics;

namespace SubSpec.Server.Page;

/// <summary>What the page shows of the service. Parts that only a loaded model has are null without one.</summary>
/// <param name="Now">The service's clock in milliseconds, as that of the spans.</param>
/// <param name="Status"><c>ready</c>, <c>loading</c>, <c>building</c>, <c>unloaded</c>, <c>down</c> or <c>ended</c>.</param>
/// <param name="Totals">Running totals: two states subtract to what happened between them.</param>
internal sealed record LiveState(
    double Now,
    string Model,
    string? Label,
    string Status,
    LiveLoading? Loading,
    string Schedule,
    ImmutableArray<string> Schedules,
    int Running,
    int Waiting,
    string? Device,
    int? Threads,
    double? LinkBandwidth,
    LiveLayers? Layers,
    LiveKv? Kv,
    LiveMemory? Memory,
    LiveTotals? Totals)
{
    public static LiveState Of(EngineReading reading, IModelHost model, ScheduleSwitch schedules, double now) => new(
        now,
        reading.Model,
        reading.Info?.Label,
        StatusOf(reading.Load, model.State),
        model.Progress is { } progress ? new LiveLoading(StageOf(progress.Stage), progress.Fraction) : null,
        schedules.Current,
        schedules.Names,
        reading.Load?.Running ?? 0,
        reading.Load is { } waits ? waits.Queued + waits.Waiting : 0,
        reading.Info?.Device,
        reading.Info?.Threads,
        reading.Info?.LinkBandwidth,
        reading.Info is { } info ? new LiveLayers(info.Plan.Offloaded, info.Plan.Resident) : null,
        reading.Load is { KvSlots: > 0 } load ? new LiveKv(load.KvSlots, load.KvCommitted, load.KvCached) : null,
        reading.Info is { } loaded ? new LiveMemory(loaded.Plan.BudgetBytes, reading.FastTierBytes) : null,
        reading.Load is { } totals ? LiveTotals.Of(totals.Totals) : null);

    private static string StatusOf(EngineLoad? load, ModelState state) => (load?.State, state) switch
    {
        (EngineState.Ready, _) => "ready",
        (EngineState.Building, _) => "building",
        (EngineState.Down, _) => "down",
        (EngineState.Ended, _) => "ended",
        (_, ModelState.Unloaded) => "unloaded",
        (_, ModelState.Failed) => "down",
        _ => "loading",
    };

    private static string StageOf(LoadStage stage) => stage switch
    {
        LoadStage.Opening => "opening",
        LoadStage.LoadingWeights => "loading weights",
        LoadStage.BuildingSubstitutes => "making substitutes",
        LoadStage.PinningLayers => "pinning layers",
        LoadStage.UploadingWeights => "uploading weights",
        LoadStage.Probing => "checking rows",
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "no such stage"),
    };
}

/// <summary>How far loading is.</summary>
internal sealed record LiveLoading(string Stage, double Fraction);

/// <summary>Layers by placement.</summary>
internal sealed record LiveLayers(int Offloaded, int Resident);

/// <summary>KV slots: all, those with tokens of running sequences, and those kept for prompts that begin alike.</summary>
internal sealed record LiveKv(int Slots, int Used, int Cached);

/// <summary>Bytes of the fast tier.</summary>
internal sealed record LiveMemory(long Budget, long Peak);

/// <summary>What the page computes its rates from.</summary>
internal sealed record LiveTotals(long Passes, long Rounds, long Committed, long Accepted, long Streamed, double StallSeconds)
{
    public static LiveTotals Of(EngineTotals t) => new(t.Passes, t.Rounds, t.CommittedTokens, t.AcceptedTokens, t.BytesStreamed, t.StallSeconds);
}
