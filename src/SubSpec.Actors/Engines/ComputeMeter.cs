using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Engines;

/// <summary>
/// Times the work of the compute thread. Draft and verify share one, as they share the thread: a pass that waits while draft steps
/// run does not stall.
/// </summary>
/// <param name="timeline">Its clock is <paramref name="time"/>; null notes nothing.</param>
internal sealed class ComputeMeter(TimeProvider time, ITimeline? timeline = null)
{
    private readonly ITimeline _timeline = timeline ?? ITimeline.Off;
    private (long Start, long End) _last;
    private double _draftSeconds;
    private DraftWork _untold;
    private (long At, double DraftSeconds)? _waiting;

    /// <summary>False when <see cref="Record"/> does nothing.</summary>
    public bool Records => _timeline.IsOn;

    /// <summary>Runs draft work; its seconds.</summary>
    public double Draft(Action work)
    {
        double seconds = Verify(work);
        _draftSeconds += seconds;
        return seconds;
    }

    /// <summary>Counts draft work.</summary>
    public void Count(in DraftWork work) => _untold += work;

    /// <summary>The draft work since this was last asked: a round that outlives a pass is told in parts, so that totals are whole when a pass has ended.</summary>
    public DraftWork TakeDraftWork()
    {
        (DraftWork work, _untold) = (_untold, default);
        return work;
    }

    /// <summary>Runs work of a pass; its seconds.</summary>
    public double Verify(Action work)
    {
        long start = time.GetTimestamp();
        work();
        _last = (start, time.GetTimestamp());
        return time.GetElapsedTime(_last.Start, _last.End).TotalSeconds;
    }

    /// <summary>Notes what the work that ran last was.</summary>
    /// <param name="what">Its times are filled in.</param>
    public void Record(in TimelineEvent what) => _timeline.Record(what with { Start = _last.Start, Duration = _last.End - _last.Start });

    /// <summary>A pass begins to wait.</summary>
    public void Wait() => _waiting ??= (time.GetTimestamp(), _draftSeconds);

    /// <summary>The wait, if any, is over: the seconds in which the thread had nothing to do.</summary>
    public double EndWait()
    {
        if (_waiting is not var (at, drafted)) return 0;
        _waiting = null;
        return Math.Max(0, time.GetElapsedTime(at).TotalSeconds - (_draftSeconds - drafted));
    }
}
