using SubSpec.Core;
using SubSpec.Core.Timeline;
using SubSpec.Server.Page;

namespace SubSpec.Server.Tests.Page;

public class SpanJoinerTests
{
    // Ticks are microseconds.
    private const long Second = 1_000_000;

    [Fact]
    public void Layers_that_follow_each_other_are_one_span()
    {
        LiveSpan span = Assert.Single(Join(Verify(0, 1000, layer: 0), Verify(1100, 900, layer: 1), Verify(2000, 1000, layer: 2)));
        Assert.Equal(("verify", 0, 3, 7, 4, 3), (span.Stage, span.Start, span.Ms, span.Pass, span.Rows, span.Count));
        Assert.Equal([0, 2], span.Layers!.Value.AsEnumerable());
        Assert.Equal([5], span.Sequences.AsEnumerable());
    }

    [Fact]
    public void A_wait_between_layers_stays_visible() =>
        Assert.Equal([(0, 1), (2, 1)], Join(Verify(0, 1000, layer: 0), Verify(2000, 1000, layer: 1)).Select(s => (s.Start, s.Ms)));

    [Fact]
    public void Lanes_that_work_at_once_do_not_break_each_other()
    {
        TimelineEvent Read(long start, int layer) => new(Stage.Stream, start, 1000) { Pass = new PassId(7), Layer = layer, Bytes = 100 };
        IReadOnlyList<LiveSpan> spans = Join(Read(0, 0), Verify(500, 1000, layer: 0), Read(1000, 1), Verify(1500, 1000, layer: 1));
        Assert.Equal([("stream", 2, 200L), ("verify", 2, 0L)], spans.Select(s => (s.Stage, s.Count, s.Bytes)));
    }

    [Fact]
    public void Passes_rounds_and_sequences_are_kept_apart()
    {
        TimelineEvent first = Verify(0, 1000, layer: 0);
        TimelineEvent Next(TimelineEvent e) => e with { Start = 1000 };
        Assert.Equal(2, Join(first, Next(first with { Pass = new PassId(8) })).Count);
        Assert.Equal(2, Join(first, Next(first with { Round = new RoundId(8) })).Count);
        Assert.Equal(2, Join(first, Next(first with { Sequences = [new SequenceId(6)] })).Count);
    }

    [Fact]
    public void Every_commit_stays_itself_and_text_is_left_out()
    {
        TimelineEvent Commit(long start, int tokens) => new(Stage.Commit, start, 1) { Rows = tokens, Sequences = [new SequenceId(5)] };
        IReadOnlyList<LiveSpan> spans = Join(Commit(0, 3), Commit(2, 4), new TimelineEvent(Stage.Detokenize, 3, 1), new TimelineEvent(Stage.Encode, 4, 1));
        Assert.Equal([("commit", 3), ("commit", 4)], spans.Select(s => (s.Stage, s.Rows)));
    }

    private static TimelineEvent Verify(long start, long duration, int layer) =>
        new(Stage.Verify, start, duration) { Pass = new PassId(7), Layer = layer, Rows = 4, Sequences = [new SequenceId(5)] };

    private static IReadOnlyList<LiveSpan> Join(params TimelineEvent[] events) => SpanJoiner.Join([.. events], Second);
}
