namespace SubSpec.Actors.Engines;

/// <summary>
/// Times the work of the compute thread. Draft and verify share one, as they share the thread: a pass that waits while draft steps
/// run does not stall.
/// </summary>
internal sealed class ComputeMeter(TimeProvider time)
{
    private double _draftSeconds;
    private (long At, double DraftSeconds)? _waiting;

    /// <summary>Runs draft work; its seconds.</summary>
    public double Draft(Action work)
    {
        double seconds = Verify(work);
        _draftSeconds += seconds;
        return seconds;
    }

    /// <summary>Runs work of a pass; its seconds.</summary>
    public double Verify(Action work)
    {
        long start = time.GetTimestamp();
        work();
        return time.GetElapsedTime(start).TotalSeconds;
    }

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
