namespace SubSpec.Torch.Streaming;

/// <summary>
/// A pipe of a fixed width: a transfer ends at max(now, the time the pipe is free) + bytes / bandwidth. Time that the pipe stood
/// idle is lost. Time by which the end of a transfer was announced late is not: whatever follows it is late by as much, so it counts as
/// begun that much earlier. Ends never overlap, so the width is never exceeded. One thread at a time.
/// </summary>
internal sealed class LinkThrottle
{
    /// <summary>More than a late wake-up: a machine that slept earns no burst.</summary>
    private static readonly TimeSpan _largestCredit = TimeSpan.FromMilliseconds(10);

    private readonly TimeProvider _time;
    private readonly double _ticksPerByte;
    private readonly long _creditLimit;
    private long _free = long.MinValue;
    private long _credit;

    /// <param name="bytesPerSecond">Width of the pipe; positive.</param>
    public LinkThrottle(double bytesPerSecond, TimeProvider time)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytesPerSecond);
        _time = time;
        _creditLimit = (long)(time.TimestampFrequency * _largestCredit.TotalSeconds);
        _ticksPerByte = time.TimestampFrequency / bytesPerSecond;
    }

    /// <summary>Queues a transfer and returns the timestamp at which it ends.</summary>
    public long Reserve(long bytes) => _free = Math.Max(_time.GetTimestamp() - _credit, _free) + (long)Math.Ceiling(bytes * _ticksPerByte);

    /// <summary>The end of a transfer is announced now, although it could have been at <paramref name="possible"/>.</summary>
    public void Announce(long possible) => _credit = Math.Clamp(_time.GetTimestamp() - possible, 0, _creditLimit);

    /// <summary>Drops what is queued: the pipe is free from now on.</summary>
    public void Clear() => _free = Math.Min(_free, _time.GetTimestamp());

    /// <summary>Time left until <paramref name="end"/>; zero or less once it has come.</summary>
    public TimeSpan Until(long end) => _time.GetElapsedTime(_time.GetTimestamp(), end);
}
