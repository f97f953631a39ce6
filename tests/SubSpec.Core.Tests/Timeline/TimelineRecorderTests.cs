using SubSpec.Core.Timeline;

namespace SubSpec.Core.Tests.Timeline;

public class TimelineRecorderTests
{
    [Fact]
    public void Events_of_several_threads_come_out_whole_and_in_order_of_their_start()
    {
        const int Each = 5000;
        var recorder = new TimelineRecorder(TimeProvider.System);
        Parallel.For(0, 4, thread =>
        {
            for (int i = 0; i < Each; i++) recorder.Record(new TimelineEvent(Stage.Verify, i * 4 + thread, i) { Layer = i, Rows = -i, Bytes = thread });
        });

        TimelineLog log = recorder.Take();
        Assert.Equal(Enumerable.Range(0, 4 * Each).Select(i => (long)i), log.Events.Select(e => e.Start));
        Assert.All(log.Events, e => Assert.Equal((e.Start / 4, -(int)e.Duration, e.Start % 4), (e.Layer, e.Rows, e.Bytes)));
        Assert.Equal(0, log.Dropped);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1024)]
    [InlineData(1500)]
    public void A_full_recorder_keeps_the_first_events_and_counts_the_others(int capacity)
    {
        var recorder = new TimelineRecorder(TimeProvider.System, capacity);
        for (int i = 0; i < capacity + 7; i++) recorder.Record(new TimelineEvent(Stage.Draft, i, 1));
        for (int i = 0; i < capacity + 2; i++) recorder.Mark($"case {i}");

        TimelineLog log = recorder.Take();
        Assert.Equal(Enumerable.Range(0, capacity).Select(i => (long)i), log.Events.Select(e => e.Start));
        Assert.Equal(("case 0", $"case {capacity - 1}"), (log.Marks[0].Name, log.Marks[^1].Name));
        Assert.Equal(9, log.Dropped);
    }

    [Fact]
    public void An_event_that_holds_others_comes_before_them()
    {
        var recorder = new TimelineRecorder(TimeProvider.System);
        recorder.Record(new TimelineEvent(Stage.Draft, 5, 1));
        recorder.Record(new TimelineEvent(Stage.Draft, 5, 3));
        Assert.Equal([3, 1], recorder.Take().Events.Select(e => e.Duration));
    }

    [Fact]
    public void What_is_off_notes_nothing_and_reads_no_clock()
    {
        ITimeline.Off.Record(new TimelineEvent(Stage.Draft, 1, 1));
        Assert.Equal((false, 0, 0), (ITimeline.Off.IsOn, ITimeline.Off.Now(), ITimeline.Off.Mark("case")));
    }
}
