using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Timeline;

namespace SubSpec.Server.Tests.Engines;

/// <summary>What a real run notes: the same as its totals say.</summary>
[Collection(nameof(DemoEngines))]
public class TimelineTests
{
    private readonly TimelineRecorder _recorder = new(TimeProvider.System);

    [Theory]
    [InlineData("sequential", 0)]
    [InlineData("prefetch", 0)]
    [InlineData("prefetch", 8 << 20)]
    public async Task Events_are_complete_and_add_up_to_the_totals(string schedule, long resident)
    {
        EngineTotals totals;
        int layers, offloaded;
        await using (DemoService service = await DemoService.StartAsync(schedule, resident, timeline: _recorder))
        {
            await service.GenerateAsync(DemoService.Story(30));
            totals = await service.TotalsAsync();
            (layers, offloaded) = (service.Plan.Layers.Length, service.Plan.Offloaded);
        }
        TimelineLog log = _recorder.Take();
        Assert.Equal(0, log.Dropped);

        for (long pass = 1; pass <= totals.Passes; pass++)
        {
            TimelineEvent[] events = [.. log.Events.Where(e => e.Pass.Value == pass)];
            TimelineEvent[] walked = [.. events.Where(e => e.Stage is Stage.Prefill or Stage.Verify && e.Layer >= 0)];
            TimelineEvent[] streamed = [.. events.Where(e => e.Stage == Stage.Stream)];
            Assert.Equal(Enumerable.Range(0, layers), walked.Select(e => e.Layer));
            Assert.Equal(offloaded, streamed.Select(e => e.Layer).Distinct().Count());
            Assert.Equal(offloaded, streamed.Length);
            // A layer is there before it is run.
            Assert.All(streamed, s => Assert.True(s.End <= walked[s.Layer].Start));
            Assert.Single(events, e => e.Stage == Stage.Accept);
        }
        Assert.Equal(totals.BytesStreamed, log.Events.Where(e => e.Stage == Stage.Stream && e.Pass.Value <= totals.Passes).Sum(e => e.Bytes));
        Assert.Equal(totals.DraftSteps, log.Events.Count(e => e.Stage == Stage.Draft && e.Rows > 0));
        // The totals round each piece of work to 100 ns.
        double rounding = 100e-9 * log.Events.Length;
        Assert.Equal(totals.DraftSeconds, Seconds(log, Stage.Draft), rounding);
        Assert.Equal(totals.VerifySeconds, Seconds(log, Stage.Prefill) + Seconds(log, Stage.Verify) + Seconds(log, Stage.Accept), rounding);
    }

    [Fact]
    public async Task Spans_of_a_lane_never_overlap()
    {
        // The ring has three reads outstanding at a time.
        await using (DemoService service = await DemoService.StartAsync("prefetch", timeline: _recorder)) await service.GenerateAsync(DemoService.Story(20));

        foreach (IGrouping<Lane, TimelineEvent> lane in _recorder.Take().Events.GroupBy(e => Lanes.Of(e.Stage)))
        {
            long free = 0;
            foreach (TimelineEvent e in lane)
            {
                Assert.True(e.Start >= free, $"{lane.Key}: {e.Stage} begins {free - e.Start} ticks too early");
                free = e.End;
            }
        }
    }

    private static double Seconds(TimelineLog log, Stage stage) => log.Events.Where(e => e.Stage == stage).Sum(e => e.Duration) / (double)log.TicksPerSecond;
}
