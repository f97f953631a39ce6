namespace SubSpec.Torch.Tests.Streaming;

/// <summary>A clock that moves only when a test says so; a tick is a nanosecond.</summary>
internal sealed class ManualTime : TimeProvider
{
    private long _now = 1_000_000_000;

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => Interlocked.Read(ref _now);

    public void Advance(long nanoseconds) => Interlocked.Add(ref _now, nanoseconds);
}
