namespace SubSpec.Torch.Tests.Cuda;

/// <summary>Does what it is asked in order, on a thread of its own, as a stream of a device does. A held one does nothing until it is released.</summary>
internal sealed class FakeStream : IDisposable
{
    private readonly object _gate = new();
    private readonly Queue<Action> _work = new();
    private readonly Thread _thread;
    private bool _held;
    private bool _busy;
    private bool _closed;

    public FakeStream()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "fake-stream" };
        _thread.Start();
    }

    public void Hold() => Set(held: true);

    public void Release() => Set(held: false);

    public void Enqueue(Action work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            Monitor.PulseAll(_gate);
        }
    }

    public void Drain()
    {
        lock (_gate)
        {
            while (_busy || _work.Count > 0) Monitor.Wait(_gate);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
    }

    private void Set(bool held)
    {
        lock (_gate)
        {
            _held = held;
            Monitor.PulseAll(_gate);
        }
    }

    private void Run()
    {
        while (Next() is { } work)
        {
            work();
            lock (_gate)
            {
                _busy = false;
                Monitor.PulseAll(_gate);
            }
        }
    }

    private Action? Next()
    {
        lock (_gate)
        {
            while (_held || _work.Count == 0)
            {
                if (_closed) return null;
                Monitor.Wait(_gate);
            }
            _busy = true;
            return _work.Dequeue();
        }
    }
}
