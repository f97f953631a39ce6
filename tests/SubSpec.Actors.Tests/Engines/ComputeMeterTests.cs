using SubSpec.Actors.Engines;
using SubSpec.Actors.Tests.Fakes;

namespace SubSpec.Actors.Tests.Engines;

public class ComputeMeterTests
{
    private readonly ManualTime _time = new();
    private readonly ComputeMeter _meter;

    public ComputeMeterTests() => _meter = new ComputeMeter(_time);

    [Fact]
    public void Work_takes_its_seconds()
    {
        Assert.Equal(3, _meter.Verify(() => _time.Advance(3)));
        Assert.Equal(2, _meter.Draft(() => _time.Advance(2)));
    }

    [Fact]
    public void Draft_steps_are_no_stall()
    {
        _meter.Draft(() => _time.Advance(9));
        _meter.Wait();
        _time.Advance(1);
        _meter.Draft(() => _time.Advance(5));
        _time.Advance(0.5);
        Assert.Equal(1.5, _meter.EndWait(), 9);
        Assert.Equal(0, _meter.EndWait());
    }

    [Fact]
    public void Draft_work_is_told_once()
    {
        _meter.Count(new DraftWork(1, 4, 0, 0));
        _meter.Count(new DraftWork(0, 0, 3, 2));
        Assert.Equal(new DraftWork(1, 4, 3, 2), _meter.TakeDraftWork());
        Assert.Equal(default, _meter.TakeDraftWork());
    }
}
