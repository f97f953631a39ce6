namespace SubSpec.Torch.Streaming;

/// <summary>Threads that each keep one request in flight, oldest first, and sleep while there is none. The queue is bounded by the ring: a slot is read into once at a time.</summary>
internal sealed class ReaderPool : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<ReadRequest> _queue = new();
    private readonly Thread[] _threads;
    private readonly Action<ReadRequest> _execute;
    private bool _stopped;

    /// <param name="threads">Requests in flight at once; at least 1.</param>
    /// <param name="execute">Runs one request; does not throw.</param>
    public ReaderPool(int threads, Action<ReadRequest> execute)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _execute = execute;
        _threads = new Thread[threads];
        for (int i = 0; i < threads; i++)
        {
            _threads[i] = new Thread(Work) { IsBackground = true, Name = $"subspec-read-{i}" };
            _threads[i].Start();
        }
    }

    public void Enqueue(IReadOnlyList<ReadRequest> requests)
    {
        lock (_gate)
        {
            foreach (ReadRequest request in requests) _queue.Enqueue(request);
            if (requests.Count == 1) Monitor.Pulse(_gate);
            else Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Ends the threads; requests still queued are dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Work()
    {
        while (TryTake(out ReadRequest request)) _execute(request);
    }

    private bool TryTake(out ReadRequest request)
    {
        lock (_gate)
        {
            while (!_stopped && _queue.Count == 0) Monitor.Wait(_gate);
            request = _stopped ? default : _queue.Dequeue();
            return !_stopped;
        }
    }
}
