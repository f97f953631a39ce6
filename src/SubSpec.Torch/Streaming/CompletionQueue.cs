namespace SubSpec.Torch.Streaming;

/// <summary>
/// Reads in flight, in order of their start, and the thread that reports their ends in that order, none sooner than the throttle
/// allows. Knows for how long at least one read was outstanding.
/// </summary>
internal sealed class CompletionQueue : IDisposable
{
    /// <summary>Up to this the thread sleeps precisely and unattended; above it, it waits on the lock and can be woken.</summary>
    private static readonly TimeSpan _fine = TimeSpan.FromMilliseconds(3);

    /// <summary>What a wait on the lock leaves to the precise sleep; at least 1 ms less than <see cref="_fine"/>, because such a wait counts whole milliseconds.</summary>
    private static readonly TimeSpan _spare = TimeSpan.FromMilliseconds(2);

    /// <summary>Longest wait before the clock is read again.</summary>
    private static readonly TimeSpan _coarse = TimeSpan.FromMilliseconds(10);

    private readonly object _gate = new();
    private readonly Queue<PendingRead> _inFlight = new();
    private readonly TimeProvider _time;
    private readonly LinkThrottle? _throttle;
    private readonly Action<PendingRead> _release;
    private readonly Thread _thread;
    private long _busySince;
    private TimeSpan _busy;
    private bool _closing;

    /// <param name="release">Called for each read, still under the lock, before its completion is reported.</param>
    public CompletionQueue(TimeProvider time, LinkThrottle? throttle, Action<PendingRead> release)
    {
        _time = time;
        _throttle = throttle;
        _release = release;
        _thread = new Thread(Deliver) { IsBackground = true, Name = "subspec-link" };
        _thread.Start();
    }

    /// <summary>Time during which at least one read was outstanding, up to now.</summary>
    public TimeSpan Busy
    {
        get
        {
            lock (_gate) return _inFlight.Count == 0 ? _busy : _busy + _time.GetElapsedTime(_busySince);
        }
    }

    /// <summary>Puts a read in flight. <paramref name="acquire"/> runs under the lock and may refuse by throwing.</summary>
    public void Begin(PendingRead read, Action<PendingRead> acquire)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            acquire(read);
            read.Due = _throttle?.Reserve(read.Layout.HullBytes) ?? 0;
            if (_inFlight.Count == 0) _busySince = _time.GetTimestamp();
            _inFlight.Enqueue(read);
        }
    }

    /// <summary>Every request of the read has ended.</summary>
    public void End(PendingRead read)
    {
        lock (_gate)
        {
            read.Ended = _time.GetTimestamp();
            Monitor.PulseAll(_gate);
        }
    }

    public void Cancel()
    {
        lock (_gate)
        {
            foreach (PendingRead read in _inFlight) read.Cancel();
            _throttle?.Clear();
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Refuses new reads, cancels the others and returns when all of them have completed. Throws <see cref="InvalidOperationException"/> from a completion.</summary>
    public void Dispose()
    {
        if (Thread.CurrentThread == _thread) throw new InvalidOperationException("a completion cannot wait for itself");
        lock (_gate)
        {
            _closing = true;
            Cancel();
        }
        _thread.Join();
    }

    private void Deliver()
    {
        PreciseSleep.PrepareThread();
        while (TryNext(out PendingRead? read, out TimeSpan nap))
        {
            if (read is null) PreciseSleep.Sleep(nap);
            else read.Complete();
        }
    }

    /// <summary>Waits for the oldest read. Gives it, or a nap to take without the lock; false when the queue is closed and empty.</summary>
    private bool TryNext(out PendingRead? read, out TimeSpan nap)
    {
        read = null;
        nap = TimeSpan.Zero;
        lock (_gate)
        {
            while (!_closing || _inFlight.Count > 0)
            {
                if (!_inFlight.TryPeek(out PendingRead? oldest) || oldest.Ended is null)
                {
                    Monitor.Wait(_gate);
                    continue;
                }
                nap = oldest.IsDoomed || _throttle is null ? TimeSpan.Zero : _throttle.Until(oldest.Due);
                if (nap <= TimeSpan.Zero)
                {
                    read = Remove();
                    return true;
                }
                if (nap <= _fine) return true;
                Monitor.Wait(_gate, nap - _spare < _coarse ? nap - _spare : _coarse);
            }
            return false;
        }
    }

    private PendingRead Remove()
    {
        PendingRead read = _inFlight.Dequeue();
        _throttle?.Announce(Math.Max(read.Due, read.Ended!.Value));
        if (_inFlight.Count == 0) _busy += _time.GetElapsedTime(_busySince);
        _release(read);
        return read;
    }
}
