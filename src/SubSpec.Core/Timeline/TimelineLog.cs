using System.Collections.Immutable;

namespace SubSpec.Core.Timeline;

/// <summary>What a timeline has noted so far.</summary>
/// <param name="Events">In order of their start.</param>
/// <param name="Marks">In order of time.</param>
/// <param name="Dropped">Events and marks that came when there was no more room.</param>
/// <param name="TicksPerSecond">Unit of all times.</param>
public sealed record TimelineLog(ImmutableArray<TimelineEvent> Events, ImmutableArray<TimelineMark> Marks, long Dropped, long TicksPerSecond)
{
    /// <summary>The first timestamp; 0 when there is none.</summary>
    public long Origin => (Events.IsEmpty, Marks.IsEmpty) switch
    {
        (false, false) => Math.Min(Events[0].Start, Marks[0].At),
        (false, true) => Events[0].Start,
        (true, false) => Marks[0].At,
        (true, true) => 0,
    };
}
