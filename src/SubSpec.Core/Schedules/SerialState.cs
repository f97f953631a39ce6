using System.Collections.Immutable;

namespace SubSpec.Core.Schedules;

/// <summary>What the one active sequence is doing.</summary>
internal enum SerialPhase
{
    Idle,
    Drafting,
    Verifying,
}

/// <summary>State of <see cref="SerialSchedule"/>.</summary>
/// <param name="Waiting">Sequences whose turn is to come, in order.</param>
/// <param name="Active">The sequence whose turn it is; null once it has gone.</param>
/// <param name="Pass">The next pass to start, or the one that runs.</param>
internal sealed record SerialState(
    ImmutableList<SequenceProgress> Waiting,
    SequenceProgress? Active,
    SerialPhase Phase,
    PassId Pass,
    RoundId Round,
    RingLead Lead) : ScheduleState;
