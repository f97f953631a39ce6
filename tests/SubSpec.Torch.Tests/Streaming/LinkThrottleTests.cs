using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

public class LinkThrottleTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void Transfers_queue_behind_each_other_at_the_given_width()
    {
        var throttle = new LinkThrottle(1e9, _time);
        long start = _time.GetTimestamp();
        Assert.Equal(start + 1000, throttle.Reserve(1000));
        Assert.Equal(start + 3000, throttle.Reserve(2000));
        _time.Advance(500);
        Assert.Equal(start + 3001, throttle.Reserve(1));
        Assert.Equal(TimeSpan.FromMicroseconds(2.5), throttle.Until(start + 3000));
    }

    [Fact]
    public void Idle_time_gives_no_credit()
    {
        var throttle = new LinkThrottle(1e9, _time);
        throttle.Reserve(1000);
        _time.Advance(1_000_000);
        long start = _time.GetTimestamp();
        Assert.Equal(start + 1000, throttle.Reserve(1000));
        Assert.Equal(start + 2000, throttle.Reserve(1000));
    }

    [Fact]
    public void An_end_announced_late_does_not_delay_what_follows_and_does_not_widen_the_pipe()
    {
        var throttle = new LinkThrottle(1e9, _time);
        long first = throttle.Reserve(1000);
        _time.Advance(1300);
        throttle.Announce(first);
        Assert.Equal(first + 1000, throttle.Reserve(1000));
        Assert.Equal(first + 2000, throttle.Reserve(1000));
    }

    [Fact]
    public void An_end_announced_very_late_earns_no_burst()
    {
        var throttle = new LinkThrottle(1e9, _time);
        long first = throttle.Reserve(1000);
        _time.Advance(60_000_000_000);
        throttle.Announce(first);
        Assert.Equal(_time.GetTimestamp() - 10_000_000 + 1000, throttle.Reserve(1000));
    }

    [Fact]
    public void Rounding_does_not_add_up_over_many_small_transfers()
    {
        const long Bytes = 1_572_999;
        const double Width = 123_456_789.1;
        var throttle = new LinkThrottle(Width, _time);
        long start = _time.GetTimestamp(), end = start;
        for (int i = 0; i < 1000; i++) end = throttle.Reserve(Bytes);
        double exact = 1000 * Bytes / Width * 1e9;
        Assert.InRange(end - start, exact, exact * (1 + 1e-6));
    }

    [Fact]
    public void Clearing_frees_the_pipe_from_now_on_and_not_from_the_past()
    {
        var throttle = new LinkThrottle(1e9, _time);
        throttle.Reserve(1_000_000);
        _time.Advance(400);
        throttle.Clear();
        long now = _time.GetTimestamp();
        Assert.Equal(now + 10, throttle.Reserve(10));
        _time.Advance(1000);
        throttle.Clear();
        Assert.Equal(now + 1000 + 10, throttle.Reserve(10));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void A_width_that_is_not_positive_is_refused(double width) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinkThrottle(width, _time));
}
