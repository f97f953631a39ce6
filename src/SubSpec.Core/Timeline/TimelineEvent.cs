using System.Collections.Immutable;

namespace SubSpec.Core.Timeline;

/// <summary>A stretch of work, as a timestamp and a number of ticks of the timeline's <see cref="TimeProvider"/>.</summary>
public readonly record struct TimelineEvent(Stage Stage, long Start, long Duration)
{
    /// <summary>The default value where there is no pass.</summary>
    public PassId Pass { get; init; }

    /// <summary>The draft round, or that of the tree in the pass; the default value for prompt rows and plain decoding.</summary>
    public RoundId Round { get; init; }

    /// <summary>-1 where no one layer is meant.</summary>
    public int Layer { get; init; } = -1;

    /// <summary>Rows that were computed, or tokens that were handled.</summary>
    public int Rows { get; init; }

    /// <summary>Whose rows or tokens; empty where weights serve everybody.</summary>
    public ImmutableArray<SequenceId> Sequences { get; init; } = [];

    /// <summary>Payload that the link has brought.</summary>
    public long Bytes { get; init; }

    /// <summary>The timestamp of its end.</summary>
    public long End => Start + Duration;
}

/// <summary>A moment with a name, such as the start of a measurement.</summary>
public readonly record struct TimelineMark(long At, string Name);
