using SubSpec.Actors.Scheduling;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Actors.Verifying;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Tests.Scheduling;

public class PassClockTests
{
    [Fact]
    public void A_cycle_goes_from_the_end_of_a_pass_to_the_next_and_leaves_rest_out()
    {
        var time = new ManualTime();
        var clock = new PassClock(time);
        clock.Begin();
        time.Advance(2);
        Assert.Equal(new PassTimes(new WorkTime(7, 0.5), 4, 23, 2, 5), clock.End(new PassFigures(0.5, 0, 23, 400, 7, new LinkStats(200, 2, true)), 5, 0));

        // The next one streams 100 bytes in 3 seconds.
        time.Advance(1);
        clock.Begin();
        time.Advance(3);
        PassTimes second = clock.End(new PassFigures(0.25, 0, 23, 400, 3, new LinkStats(300, 5, true)), 1, 0);
        Assert.Equal((4, 12), (second.CycleSeconds, second.StreamSeconds));

        clock.Rest();
        time.Advance(3600);
        clock.Begin();
        time.Advance(1);
        Assert.Equal(1, clock.End(new PassFigures(0.25, 0, 23, 400, 3, new LinkStats(300, 5, true)), 1, 0).CycleSeconds);
    }

    [Fact]
    public void The_link_of_a_new_engine_counts_from_the_beginning()
    {
        var clock = new PassClock(new ManualTime());
        clock.End(new PassFigures(1, 0, 1, 100, 1, new LinkStats(1000, 10, true)), 1, 0);
        clock.Restart();
        Assert.Equal(200, clock.End(new PassFigures(1, 0, 1, 100, 1, new LinkStats(10, 20, true)), 1, 0).StreamSeconds);
    }
}
