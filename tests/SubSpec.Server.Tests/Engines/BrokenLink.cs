using SubSpec.Torch.Streaming;

namespace SubSpec.Server.Tests.Engines;

/// <summary>Fails reads of one layer; the other layers always come.</summary>
internal sealed class BrokenLink
{
    private const int Layer = 3;

    private readonly Dictionary<PendingRead, bool> _fails = [];
    private readonly Lock _lock = new();
    private int _skip;
    private int _left;

    /// <summary>Engines that were built.</summary>
    public int Builds { get; private set; }

    /// <summary>Reads that failed.</summary>
    public int Failed { get; private set; }

    public void CountBuild() => Builds++;

    /// <summary>Fails so many reads, the first <paramref name="after"/> not counted.</summary>
    public void FailNext(int reads, int after = 0)
    {
        lock (_lock) (_left, _skip) = (reads, after);
    }

    /// <summary>What a read has instead of data; null lets it go on. All requests of a read fail or none.</summary>
    public Exception? Fault(ReadRequest request)
    {
        if (request.Read.Layout.Layer != Layer) return null;
        lock (_lock)
        {
            if (!_fails.TryGetValue(request.Read, out bool fails)) _fails.Add(request.Read, fails = Decide());
            return fails ? new IOException("injected") : null;
        }
    }

    private bool Decide()
    {
        if (_skip > 0)
        {
            _skip--;
            return false;
        }
        if (_left == 0) return false;
        (_left, Failed) = (_left - 1, Failed + 1);
        return true;
    }
}
