using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>State of <see cref="AheadSchedule"/>.</summary>
/// <param name="Waiting">Sequences whose turn is to come, in order.</param>
/// <param name="Active">The sequence whose turn it is; null once it has gone.</param>
/// <param name="Pass">The next pass to start, or the one that runs.</param>
/// <param name="Round">The next round to start, or the one that runs.</param>
internal sealed record AheadState(
    ImmutableList<SequenceProgress> Waiting,
    SequenceProgress? Active,
    PassId Pass,
    RoundId Round,
    RingLead Lead) : ScheduleState
{
    /// <summary>A draft round is open.</summary>
    public bool Drafts { get; init; }

    /// <summary>A pass is open.</summary>
    public bool Verifies { get; init; }
}
