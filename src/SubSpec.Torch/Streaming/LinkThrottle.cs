namespace SubSpec.Torch.Streaming;

/// <summary>
/// A pipe of a fixed width: a transfer ends at max(now, the time the pipe is free) + bytes / bandwidth. Time that the pipe stood
/// idle is lost; time that a transfer was announced late is not, because ends are absolute. One thread at a time.
/// </summary>
internal sealed class LinkThrottle
{
    private readonly TimeProvider _time;
    private readonly double _ticksPerByte;
    private long _free = long.MinValue;

    /// <param name="bytesPerSecond">Width of the pipe; positive.</param>
    public LinkThrottle(double bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        _time = time;
        _ticksPerByte = time.TimestampFrequency / bytesPerSecond;
    }

    /// <summary>Queues a transfer and returns the timestamp at which it ends.</summary>
    public long Reserve(long bytes) => _free = Math.Max(_time.GetTimestamp(), _free) + (long)Math.Ceiling(bytes * _ticksPerByte);

    /// <summary>Drops what is queued: the pipe is free from now on.</summary>
    public void Clear() => _free = Math.Min(_free, _time.GetTimestamp());

    /// <summary>Time left until <paramref name="end"/>; zero or less once it has come.</summary>
    public TimeSpan Until(long end) => _time.GetElapsedTime(_time.GetTimestamp(), end);
}
