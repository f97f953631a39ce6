using SubSpec.Core.Timeline;

namespace SubSpec.Core.Tests.Timeline;

public class TimelineRingTests
{
    private readonly CountingClock _clock = new();

    [Fact]
    public void While_nobody_watches_it_is_off_and_reads_no_clock()
    {
        var ring = new TimelineRing(_clock);
        ring.Record(Event(1));
        Assert.Equal((false, 0, 0, 0), (ring.IsOn, ring.Now(), ring.Mark("case"), _clock.Reads));

        ring.Watch().Dispose();
        int reads = _clock.Reads;
        ring.Record(Event(2));
        Assert.Equal((false, 0, 0, reads), (ring.IsOn, ring.Now(), ring.Mark("case"), _clock.Reads));
    }

    [Fact]
    public void Each_watcher_gets_what_happened_since_it_came_once()
    {
        var ring = new TimelineRing(_clock);
        using TimelineRing.Watcher early = ring.Watch();
        ring.Record(Event(1));
        using TimelineRing.Watcher late = ring.Watch();
        ring.Record(Event(2));

        Assert.Equal([1, 2], Layers(early));
        Assert.Equal([2], Layers(late));
        Assert.Empty(Layers(early));
        ring.Record(Event(3));
        Assert.Equal([3], Layers(early));
    }

    [Fact]
    public void A_slow_watcher_misses_the_oldest_events_and_is_told_how_many()
    {
        var ring = new TimelineRing(_clock, capacity: 4);
        using TimelineRing.Watcher slow = ring.Watch();
        using TimelineRing.Watcher quick = ring.Watch();
        for (int i = 0; i < 10; i++)
        {
            ring.Record(Event(i));
            Assert.Equal([i], Layers(quick));
        }
        (var events, long missed) = slow.Take();
        Assert.Equal(6, missed);
        Assert.Equal([6, 7, 8, 9], events.Select(e => e.Layer));
        Assert.Equal(0, slow.Take().Missed);
    }

    [Fact]
    public void What_began_before_anybody_watched_is_not_shown()
    {
        var ring = new TimelineRing(_clock);
        using TimelineRing.Watcher watcher = ring.Watch();
        // So starts what was begun while it was off.
        ring.Record(new TimelineEvent(Stage.Stream, 0, 5) { Layer = 1 });
        ring.Record(new TimelineEvent(Stage.Stream, _clock.GetTimestamp(), 5) { Layer = 2 });
        Assert.Equal([2], Layers(watcher));
    }

    [Fact]
    public async Task Watchers_come_and_go_while_several_threads_note_events()
    {
        var ring = new TimelineRing(TimeProvider.System, capacity: 64);
        bool over = false;
        var writers = Enumerable.Range(0, 3).Select(i => Task.Run(() =>
        {
            while (!Volatile.Read(ref over)) ring.Record(new TimelineEvent(Stage.Draft, ring.Now(), 1) { Layer = i, Rows = i });
        })).ToArray();
        long seen = 0;
        for (int i = 0; i < 200 || seen == 0; i++)
        {
            using TimelineRing.Watcher watcher = ring.Watch();
            for (int j = 0; j < 10; j++)
            {
                (var events, _) = watcher.Take();
                Assert.True(events.Length <= 64);
                Assert.All(events, e => Assert.Equal(e.Layer, e.Rows));
                seen += events.Length;
            }
        }
        Volatile.Write(ref over, true);
        await Task.WhenAll(writers).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.False(ring.IsOn);
    }

    [Fact]
    public void A_watcher_that_has_gone_gets_nothing_more()
    {
        var ring = new TimelineRing(_clock);
        TimelineRing.Watcher watcher = ring.Watch();
        watcher.Dispose();
        watcher.Dispose();
        Assert.False(ring.IsOn);
        Assert.Throws<ObjectDisposedException>(() => watcher.Take());
    }

    private TimelineEvent Event(int layer) => new(Stage.Verify, 1_000_000 + layer, 1) { Layer = layer };

    private static IEnumerable<int> Layers(TimelineRing.Watcher watcher) => watcher.Take().Events.Select(e => e.Layer);

    private sealed class CountingClock : TimeProvider
    {
        public int Reads { get; private set; }

        public override long GetTimestamp() => 1000 + Reads++;
    }
}
