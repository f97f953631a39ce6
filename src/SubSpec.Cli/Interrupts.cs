namespace SubSpec.Cli;

/// <summary>
/// Ctrl-C as a token. The first press cancels what runs; a second one before <see cref="Rearm"/> is left to the system, which ends the process.
/// </summary>
internal sealed class Interrupts : IDisposable
{
    private readonly Lock _lock = new();
    private CancellationTokenSource _source = new();

    /// <summary>Cancelled by the next press.</summary>
    public CancellationToken Token
    {
        get
        {
            lock (_lock) return _source.Token;
        }
    }

    /// <summary>Takes a press.</summary>
    /// <returns>False when one was taken already: the process should end.</returns>
    public bool Press()
    {
        CancellationTokenSource source;
        lock (_lock)
        {
            if (_source.IsCancellationRequested) return false;
            source = _source;
        }
        source.Cancel();
        return true;
    }

    /// <summary>A token that no press has cancelled yet.</summary>
    public CancellationToken Rearm()
    {
        lock (_lock)
        {
            if (_source.IsCancellationRequested)
            {
                _source.Dispose();
                _source = new CancellationTokenSource();
            }
            return _source.Token;
        }
    }

    public void Dispose() => _source.Dispose();
}
