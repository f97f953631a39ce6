using System.Collections.Immutable;

namespace SubSpec.Core.Timeline;

/// <summary>
/// Keeps events in memory, in chunks that are allocated as they fill, up to a limit. Past it the first ones stay and later ones are
/// only counted: a report shows the beginning of each measurement, and memory for weights is not to be taken by a log.
/// </summary>
/// <param name="time">The clock of all events.</param>
/// <param name="capacity">Most events, and most marks, that are kept.</param>
public sealed class TimelineRecorder(TimeProvider time, int capacity = TimelineRecorder.DefaultCapacity) : ITimeline
{
    /// <summary>Enough for hours; 64 MiB when it is used up.</summary>
    public const int DefaultCapacity = 1 << 20;

    /// <summary>Events of a chunk: small enough to stay out of the heap of large objects, which only full collections clean.</summary>
    private const int ChunkLength = 1024;

    // Held for the time it takes to copy 64 bytes, by three busy threads at most.
    private readonly Lock _lock = new();
    private readonly List<TimelineEvent[]> _chunks = [];
    private readonly List<TimelineMark> _marks = [];
    private int _count;
    private long _dropped;

    /// <inheritdoc/>
    public bool IsOn => true;

    /// <inheritdoc/>
    public long Now() => time.GetTimestamp();

    /// <inheritdoc/>
    public void Record(in TimelineEvent happened)
    {
        lock (_lock)
        {
            if (_count == capacity)
            {
                _dropped++;
                return;
            }
            if (_count % ChunkLength == 0) _chunks.Add(new TimelineEvent[Math.Min(ChunkLength, capacity - _count)]);
            _chunks[^1][_count++ % ChunkLength] = happened;
        }
    }

    /// <inheritdoc/>
    public long Mark(string name)
    {
        lock (_lock)
        {
            long now = Now();
            if (_marks.Count < capacity) _marks.Add(new TimelineMark(now, name));
            else _dropped++;
            return now;
        }
    }

    /// <summary>A copy of everything up to now.</summary>
    public TimelineLog Take()
    {
        TimelineEvent[] events;
        TimelineMark[] marks;
        long dropped;
        lock (_lock)
        {
            events = new TimelineEvent[_count];
            for (int i = 0; i < _chunks.Count; i++)
                _chunks[i].AsSpan(0, Math.Min(ChunkLength, _count - i * ChunkLength)).CopyTo(events.AsSpan(i * ChunkLength));
            (marks, dropped) = ([.. _marks], _dropped);
        }
        // They were noted when they ended, by several threads.
        Array.Sort(events, (a, b) => a.Start != b.Start ? a.Start.CompareTo(b.Start) : b.Duration.CompareTo(a.Duration));
        return new TimelineLog([.. events], [.. marks], dropped, time.TimestampFrequency);
    }
}
