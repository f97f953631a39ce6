using System.Collections.Immutable;

namespace SubSpec.Core.Timeline;

/// <summary>
/// Keeps the last events for those who watch now. While nobody does it is off: no clock is read and no memory held. All watchers
/// read one ring, so one that is slow misses events and holds up nobody.
/// </summary>
/// <param name="time">The clock of all events.</param>
/// <param name="capacity">Events that a watcher may be behind.</param>
public sealed class TimelineRing(TimeProvider time, int capacity = TimelineRing.DefaultCapacity) : ITimeline
{
    /// <summary>Seconds of a small model without a slow link; 512 KiB while somebody watches.</summary>
    public const int DefaultCapacity = 1 << 13;

    private readonly Lock _lock = new();
    private TimelineEvent[] _events = [];
    private long _count;
    private long _since;
    private int _watchers;

    /// <inheritdoc/>
    public bool IsOn => Volatile.Read(ref _watchers) > 0;

    /// <summary>The unit of all times.</summary>
    public long TicksPerSecond => time.TimestampFrequency;

    /// <inheritdoc/>
    public long Now() => IsOn ? time.GetTimestamp() : 0;

    /// <inheritdoc/>
    public void Record(in TimelineEvent happened)
    {
        if (!IsOn) return;
        lock (_lock)
        {
            // What began before anybody watched has no time of its beginning.
            if (_watchers == 0 || happened.Start < _since) return;
            _events[_count++ % capacity] = happened;
        }
    }

    /// <summary>Marks separate measurements; the present has none.</summary>
    public long Mark(string name) => Now();

    /// <summary>Begins to watch; what happens from now on is kept until it is read or pushed out.</summary>
    public Watcher Watch()
    {
        lock (_lock)
        {
            if (_watchers == 0)
            {
                _events = new TimelineEvent[capacity];
                _since = time.GetTimestamp();
            }
            Volatile.Write(ref _watchers, _watchers + 1);
            return new Watcher(this, _count);
        }
    }

    /// <summary>One reader's place in the ring. Not thread-safe.</summary>
    public sealed class Watcher : IDisposable
    {
        private readonly TimelineRing _ring;
        private long _next;
        private bool _over;

        internal Watcher(TimelineRing ring, long next) => (_ring, _next) = (ring, next);

        /// <summary>What was noted since the last call, in the order in which it ended, and how many events were pushed out before they were read.</summary>
        public (ImmutableArray<TimelineEvent> Events, long Missed) Take()
        {
            TimelineRing ring = _ring;
            lock (ring._lock)
            {
                ObjectDisposedException.ThrowIf(_over, this);
                int capacity = ring._events.Length;
                long first = Math.Max(_next, ring._count - capacity), missed = first - _next;
                var events = ImmutableArray.CreateBuilder<TimelineEvent>((int)(ring._count - first));
                for (long i = first; i < ring._count; i++) events.Add(ring._events[i % capacity]);
                _next = ring._count;
                return (events.MoveToImmutable(), missed);
            }
        }

        /// <summary>Ends the watching.</summary>
        public void Dispose()
        {
            lock (_ring._lock)
            {
                if (_over) return;
                _over = true;
                Volatile.Write(ref _ring._watchers, _ring._watchers - 1);
                if (_ring._watchers == 0) _ring._events = [];
            }
        }
    }
}
