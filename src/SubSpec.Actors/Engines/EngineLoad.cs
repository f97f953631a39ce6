using System.Collections.Immutable;
using SubSpec.Core.Engine;

namespace SubSpec.Actors.Engines;

/// <summary>What an engine is doing.</summary>
public enum EngineState
{
    /// <summary>Being built, for the first time or after a failure; sequences wait.</summary>
    Building,

    /// <summary>Working, or ready to.</summary>
    Ready,

    /// <summary>Failed again and again without progress; the next request builds it anew.</summary>
    Down,

    /// <summary>Ended for good, for example because the checkpoint changed on disk.</summary>
    Ended,
}

/// <summary>A snapshot of an engine.</summary>
/// <param name="Totals">Since the service started.</param>
/// <param name="Running">Sequences that hold KV slots.</param>
/// <param name="Waiting">Sequences that wait for KV slots or for the engine.</param>
/// <param name="KvSlots">KV slots in all; 0 while there is no engine.</param>
/// <param name="KvCommitted">Of these, slots that hold the tokens of sequences that run, or have just ended; one that several share counts once.</param>
/// <param name="Limits">Null until the engine was ready once.</param>
public sealed record EngineLoad(EngineState State, EngineTotals Totals, int Running, int Waiting, int KvSlots, int KvCommitted, ModelLimits? Limits)
{
    /// <summary>Requests that wait for others to end, and are no sequences yet.</summary>
    public int Queued { get; init; }

    /// <summary>The prompts that are being read.</summary>
    public PrefillProgress Prefill { get; init; }

    /// <summary>Slots that no sequence has and that hold nothing.</summary>
    public int KvFree { get; init; }

    /// <summary>Slots that no sequence has and that still hold tokens, for whoever begins with the same. Sequences have all others.</summary>
    public int KvCached { get; init; }

    /// <summary>The schedule in force, and why it does what it does.</summary>
    public ScheduleReport Schedule { get; init; } = new("", ImmutableSortedDictionary<string, double>.Empty);
}

/// <summary>How far running sequences are with their prompts.</summary>
/// <param name="Sequences">Those that have not read all of theirs.</param>
/// <param name="Tokens">Of their prompts; what was found in the cache needs no reading and is not counted.</param>
/// <param name="Done">Of these, how many passes have read.</param>
public readonly record struct PrefillProgress(int Sequences, int Tokens, int Done);

/// <summary>A schedule as statistics show it.</summary>
/// <param name="Figures">Of <see cref="Core.Schedules.ISchedule.Explain"/>.</param>
public sealed record ScheduleReport(string Name, ImmutableSortedDictionary<string, double> Figures);
