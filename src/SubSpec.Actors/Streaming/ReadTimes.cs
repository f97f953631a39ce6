using SubSpec.Core.Engine;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Streaming;

/// <summary>
/// When the link worked for which layer. Several reads are outstanding at a time and end in the order of their start, so a read has
/// the link for itself from the end of the one before it.
/// </summary>
internal sealed class ReadTimes(ITimeline timeline, IWeightLink link)
{
    private readonly long[] _begun = new long[link.SlotCount];
    private long _lastEnd;

    /// <summary>A read into the slot is about to begin.</summary>
    public void Begin(int slot) => _begun[slot] = timeline.Now();

    /// <summary>A read has ended.</summary>
    /// <param name="at">When, as the link's own thread saw it.</param>
    /// <param name="succeeded">False when it brought nothing.</param>
    public void End(RingRead read, long at, bool succeeded)
    {
        if (!timeline.IsOn) return;
        long start = Math.Max(_begun[read.Slot], _lastEnd);
        // Completions may come from several threads, and then a little out of order.
        _lastEnd = Math.Max(start, at);
        timeline.Record(new TimelineEvent(Stage.Stream, start, _lastEnd - start)
        {
            Pass = read.Pass,
            Layer = read.Layer,
            Bytes = succeeded ? link.LayerBytes(read.Layer) : 0,
        });
    }
}
