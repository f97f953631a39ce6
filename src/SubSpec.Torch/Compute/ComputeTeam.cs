using System.Runtime.ExceptionServices;

namespace SubSpec.Torch.Compute;

/// <summary>
/// The one team of compute threads of a device: the calling thread and <c>threads - 1</c> helpers behind a spin barrier.
/// Helpers spin for a few dozen microseconds after each task, so that the next operation of a layer starts at once, then yield and
/// sleep: an idle engine uses no processor time. <see cref="Run"/> is called by one thread at a time.
/// </summary>
public sealed class ComputeTeam : IDisposable
{
    // About 30 microseconds: longer than the gaps between the operations of a layer, shorter than a thread that lost its processor needs.
    private const int SpinsBeforeYield = 400;
    private const int YieldsBeforeSleep = 20;

    private readonly Thread[] _helpers;
    private readonly object _gate = new();
    private TeamTask? _task;
    private ExceptionDispatchInfo? _error;
    private int _round;
    private int _pending;
    private int _sleeping;
    private bool _stopped;

    /// <param name="threads">Threads that compute, the caller's included; at least 1.</param>
    public ComputeTeam(int threads)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        _helpers = new Thread[threads - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            int worker = i + 1;
            _helpers[i] = new Thread(() => Work(worker)) { IsBackground = true, Name = $"subspec-compute-{worker}" };
            _helpers[i].Start();
        }
    }

    /// <summary>Threads that compute, the caller's included.</summary>
    public int Threads => _helpers.Length + 1;

    /// <summary>Runs the task on every thread of the team and returns when all are done. The first exception of any of them is rethrown.</summary>
    public void Run(TeamTask task)
    {
        if (_helpers.Length == 0)
        {
            task.Run(0, 1);
            return;
        }
        _task = task;
        Volatile.Write(ref _pending, _helpers.Length);
        Interlocked.Increment(ref _round);
        if (Volatile.Read(ref _sleeping) > 0)
            lock (_gate) Monitor.PulseAll(_gate);
        try
        {
            task.Run(0, Threads);
        }
        finally
        {
            for (int i = 0; Volatile.Read(ref _pending) != 0; i++)
            {
                if (i < SpinsBeforeYield) Thread.SpinWait(8);
                else Thread.Yield();
            }
        }
        Interlocked.Exchange(ref _error, null)?.Throw();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.PulseAll(_gate);
        }
        foreach (Thread helper in _helpers) helper.Join();
    }

    private void Work(int worker)
    {
        for (int seen = 0; WaitForRound(seen); seen++)
        {
            try
            {
                _task!.Run(worker, Threads);
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref _error, ExceptionDispatchInfo.Capture(e), null);
            }
            Interlocked.Decrement(ref _pending);
        }
    }

    private bool WaitForRound(int seen)
    {
        for (int i = 0; i < SpinsBeforeYield + YieldsBeforeSleep; i++)
        {
            if (Volatile.Read(ref _round) != seen) return true;
            if (i < SpinsBeforeYield) Thread.SpinWait(8);
            else Thread.Yield();
        }
        lock (_gate)
        {
            Interlocked.Increment(ref _sleeping);
            while (!_stopped && Volatile.Read(ref _round) == seen) Monitor.Wait(_gate);
            Interlocked.Decrement(ref _sleeping);
        }
        return Volatile.Read(ref _round) != seen;
    }
}
