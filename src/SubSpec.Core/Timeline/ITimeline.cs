namespace SubSpec.Core.Timeline;

/// <summary>Takes note of who works when. Safe to call from any thread, and cheap enough to be called for every layer and draft step.</summary>
public interface ITimeline
{
    /// <summary>Takes note of nothing, and never reads a clock.</summary>
    static ITimeline Off { get; } = new NoTimeline();

    /// <summary>False when nothing is noted: what only serves an event need not be computed.</summary>
    bool IsOn { get; }

    /// <summary>The timestamp of now; 0 when nothing is noted.</summary>
    long Now();

    /// <summary>Notes a stretch of work.</summary>
    void Record(in TimelineEvent happened);

    /// <summary>Notes that something with a name begins now; the timestamp of now.</summary>
    long Mark(string name);

    private sealed class NoTimeline : ITimeline
    {
        public bool IsOn => false;

        public long Now() => 0;

        public void Record(in TimelineEvent happened)
        {
        }

        public long Mark(string name) => 0;
    }
}
