using System.Collections.Immutable;
using SubSpec.Core.Timeline;

namespace SubSpec.Server.Page;

/// <summary>Joins events that a few seconds on a screen could not show apart.</summary>
internal static class SpanJoiner
{
    /// <summary>Breaks up to this are not shown.</summary>
    private const double BreakMs = 0.5;

    /// <summary>Events of one stage, pass, round and sequences that follow each other without a break become one span.</summary>
    /// <param name="events">In the order in which they ended.</param>
    public static IReadOnlyList<LiveSpan> Join(ImmutableArray<TimelineEvent> events, long ticksPerSecond)
    {
        var spans = new List<Open>();
        var last = new Open?[Enum.GetValues<Stage>().Length];
        foreach (TimelineEvent next in events)
        {
            // Text is nobody's lane here.
            if (next.Stage is Stage.Encode or Stage.Detokenize) continue;
            ref Open? open = ref last[(int)next.Stage];
            if (open is not null && open.TryAdd(next, BreakMs * ticksPerSecond / 1000)) continue;
            spans.Add(open = new Open(next));
        }
        return [.. spans.Select(s => s.ToSpan(ticksPerSecond))];
    }

    /// <summary>A point in time as milliseconds, to 10 µs.</summary>
    public static double Milliseconds(long ticks, long ticksPerSecond) => Math.Round(ticks * 1000.0 / ticksPerSecond, 2);

    private sealed class Open(TimelineEvent first)
    {
        private long _end = first.End;
        private long _bytes = first.Bytes;
        private int _count = 1;
        private int _rows = first.Rows;
        private int _lastLayer = first.Layer;

        public bool TryAdd(in TimelineEvent next, double breakTicks)
        {
            // A commit is a moment with its own tokens.
            bool same = next.Stage != Stage.Commit && next.Pass == first.Pass && next.Round == first.Round && next.Sequences.SequenceEqual(first.Sequences);
            if (!same || next.Start - _end > breakTicks || next.Start < first.Start) return false;
            _end = Math.Max(_end, next.End);
            _bytes += next.Bytes;
            _count++;
            _rows = Math.Max(_rows, next.Rows);
            _lastLayer = Math.Max(_lastLayer, next.Layer);
            return true;
        }

        public LiveSpan ToSpan(long ticksPerSecond) => new(
            Lanes.Name(first.Stage),
            Milliseconds(first.Start, ticksPerSecond),
            Milliseconds(_end - first.Start, ticksPerSecond),
            first.Pass == default ? null : first.Pass.Value,
            _lastLayer < 0 ? null : [Math.Max(0, first.Layer), _lastLayer],
            _rows,
            _count,
            [.. first.Sequences.Select(s => s.Value)],
            _bytes);
    }
}
