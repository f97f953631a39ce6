using SubSpec.Actors.Client;
using SubSpec.Actors.Tests.Fakes;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Timeline;

namespace SubSpec.Actors.Tests.Service;

/// <summary>What the whole service notes, on a fake engine of 6 layers of which 4 are streamed.</summary>
public class TimelineTests : ServiceTest
{
    private readonly TimelineRecorder _recorder = new(TimeProvider.System);

    [Theory]
    [InlineData("sequential")]
    [InlineData("prefetch")]
    public async Task Every_stage_of_every_pass_is_noted_once(string schedule)
    {
        InferenceClient client = Start(schedule: schedule, change: o => o with { Timeline = _recorder });
        GenerationResult result = await Run(client, Request(PromptOf(3, 20), 40));
        EngineTotals totals = (await client.GetLoadAsync(Limit)).Totals;

        TimelineLog log = _recorder.Take();
        // 20 rows of prompt in chunks of 8.
        Assert.Equal(3 + result.Rounds, totals.Passes);
        for (int pass = 1; pass <= totals.Passes; pass++)
        {
            TimelineEvent[] events = [.. log.Events.Where(e => e.Pass.Value == pass)];
            Stage walk = pass <= 3 ? Stage.Prefill : Stage.Verify;
            Assert.Equal([1, 2, 4, 5], events.Where(e => e.Stage == Stage.Stream).Select(e => e.Layer));
            Assert.Equal([-1, 0, 1, 2, 3, 4, 5], events.Where(e => e.Stage == walk).Select(e => e.Layer));
            TimelineEvent accept = Assert.Single(events, e => e.Stage == Stage.Accept), commit = Assert.Single(events, e => e.Stage == Stage.Commit);
            Assert.True(events.Where(e => e.Stage == walk).All(e => e.End <= accept.Start) && accept.End <= commit.Start);
            Assert.Equal(walk == Stage.Verify, accept.Round != default);
            Assert.Equal(accept.Round, commit.Round);
        }
        Assert.Equal(result.TokenIds.Length, log.Events.Where(e => e.Stage == Stage.Commit).Sum(e => e.Rows));
        Assert.Equal(result.TokenIds.Length, log.Events.Where(e => e.Stage == Stage.Detokenize).Sum(e => e.Rows));
        Assert.Equal(20, Assert.Single(log.Events, e => e.Stage == Stage.Encode).Rows);
        Assert.All(log.Events.Where(e => e.Stage != Stage.Stream), e => Assert.Equal(1, Assert.Single(e.Sequences).Value));
    }

    [Fact]
    public async Task Nothing_is_noted_when_the_timeline_is_off()
    {
        var off = new SwitchedOff();
        InferenceClient client = Start(change: o => o with { Timeline = off });
        Assert.Equal(30, (await Run(client, Request(PromptOf(3, 20), 30))).TokenIds.Length);
        Assert.Equal(0, off.Recorded);
    }

    [Fact]
    public async Task A_pass_carries_the_round_that_drafted_its_tree()
    {
        InferenceClient client = Start(change: o => o with { Timeline = _recorder });
        GenerationResult result = await Run(client, Request(PromptOf(3, 5), 40));

        TimelineLog log = _recorder.Take();
        TimelineEvent[] verified = [.. log.Events.Where(e => e.Stage == Stage.Accept).Skip(1)];
        Assert.Equal(result.Rounds, verified.Length);
        foreach (TimelineEvent accept in verified.Where(e => e.Round != default))
        {
            TimelineEvent[] drafted = [.. log.Events.Where(e => e.Stage == Stage.Draft && e.Round == accept.Round)];
            Assert.NotEmpty(drafted);
            Assert.All(drafted, e => Assert.True(e.End <= accept.Start));
        }
    }

    private sealed class SwitchedOff : ITimeline
    {
        private int _recorded;

        public int Recorded => Volatile.Read(ref _recorded);

        public bool IsOn => false;

        public long Now() => 0;

        public void Record(in TimelineEvent happened) => Interlocked.Increment(ref _recorded);

        public long Mark(string name) => 0;
    }
}
