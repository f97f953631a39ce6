using System.Collections.Immutable;
using SubSpec.Actors.Engines;

namespace SubSpec.Soak;

/// <summary>How it went. Sizes are bytes.</summary>
/// <param name="Load">The engine's, when nobody asked any more.</param>
/// <param name="Taken">Places that the service's gate counted then.</param>
/// <param name="Loaded">Native bytes right after loading.</param>
/// <param name="Rested">The same when nobody asked any more.</param>
/// <param name="Leaked">Native bytes that are left after the service.</param>
internal sealed record SoakResult(
    SoakOptions Options, double Seconds, Tally Tally, MemoryWatch Memory, InjectedFailure Failure, EngineLoad Load, int Taken, long Loaded, long Rested, long Leaked)
{
    /// <summary>What resident memory may grow by: heaps breathe.</summary>
    private const long Slack = 32L << 20;

    private const double SlackShare = 0.1;

    /// <summary>What may be alive more: requests that are under way.</summary>
    private const long AliveSlack = 4L << 20;

    public bool Passed => Checks.All(c => c.Passed);

    public ImmutableArray<SoakCheck> Checks
    {
        get
        {
            (long early, long late) = Memory.Resident();
            return
            [
                new("good requests were answered, bad ones refused", Tally.Wrong == 0, $"{Tally.Rows.Values.Sum(r => r.Requests)} right, {Tally.Wrong} wrong"),
                new("the engine failed once and was built anew", Failure is { Happened: true, Builds: 2 }, $"{Failure.Builds} builds"),
                new("second turns found the KV of first ones", Tally.Reused > 0, $"{Tally.Reused} tokens reused"),
                new("native memory is what it was after loading", Rested == Loaded && Leaked == 0, $"{Loaded} bytes loaded, {Rested} at rest, {Leaked} after the end"),
                new("what is alive of the managed heap is flat", Memory.Alive.Late <= Memory.Alive.Early + AliveSlack, $"{Memory.Alive.Early >> 20} MiB after the warm-up, {Memory.Alive.Late >> 20} MiB at the end"),
                new("resident memory is flat", late <= early * (1 + SlackShare) + Slack, $"{early >> 20} MiB early, {late >> 20} MiB late"),
                new("the KV ledger is balanced", IsBalanced(Load, Taken), $"{Load.KvSlots} slots: {Load.KvFree} free, {Load.KvCached} cached, {Load.KvCommitted} committed; {Load.Running} running, {Load.Waiting} waiting, {Taken} places taken"),
            ];
        }
    }

    /// <summary>Nobody has anything.</summary>
    public static bool IsBalanced(EngineLoad load, int taken) =>
        load is { Running: 0, Waiting: 0, KvCommitted: 0, Queued: 0 } && load.KvFree + load.KvCached == load.KvSlots && taken == 0;
}

/// <summary>One thing that had to hold.</summary>
/// <param name="Figures">What was found.</param>
internal sealed record SoakCheck(string What, bool Passed, string Figures);
