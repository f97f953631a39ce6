using System.Collections.Immutable;
using SubSpec.Cli.Bench;
using SubSpec.Core.Timeline;

namespace SubSpec.Cli.Report;

/// <summary>
/// Cuts a few rounds of each case out of a timeline: from the end of its first round on, when a schedule has come into its stride.
/// All cuts have the length of the longest such rounds, so that lengths can be compared between them.
/// </summary>
internal static class PageTimeline
{
    /// <summary>Rounds to show.</summary>
    private const int Rounds = 4;

    public static (double Seconds, ImmutableArray<PageTimelineObject> Cuts) Of(BenchReport report, TimelineLog log)
    {
        Cut[] cuts = [.. report.Rows.Select((row, i) => Find(i, row.Case, report.Samples, log)).OfType<Cut>()];
        // Rounds of plain decoding are short and all alike: they fill the time that drafted rounds take.
        long length = (cuts.Any(c => c.Drafts) ? cuts.Where(c => c.Drafts) : cuts).Select(c => c.Length).DefaultIfEmpty().Max();
        return ((double)length / log.TicksPerSecond, [.. cuts.Select(c => new PageTimelineObject(c.Row, Spans(c, length, log)))]);
    }

    private static Cut? Find(int row, BenchCase bench, ImmutableArray<BenchSample> samples, TimelineLog log)
    {
        BenchSample sample = samples.First(s => s.Step.Case == bench);
        TimelineEvent[] events = [.. log.Events.Where(e => e.Start >= sample.Start && e.End <= sample.End)];
        HashSet<long> prompts = [.. events.Where(e => e.Stage == Stage.Prefill).Select(e => e.Pass.Value)];
        long[] ends = [.. events.Where(e => e.Stage == Stage.Commit && !prompts.Contains(e.Pass.Value)).GroupBy(e => e.Pass).Select(pass => pass.Max(e => e.End)).Order()];
        if (ends.Length == 0) return null;
        // One round alone is shown from its beginning.
        long start = ends.Length > 1 ? ends[0] : events.Where(e => !prompts.Contains(e.Pass.Value) && e.Stage is Stage.Draft or Stage.Verify).Min(e => e.Start);
        return new Cut(row, bench.Decoding.Drafts, start, ends[Math.Min(Rounds, ends.Length - 1)] - start, events);
    }

    private static ImmutableArray<PageSpan> Spans(Cut cut, long length, TimelineLog log) =>
    [
        .. cut.Events.Where(e => e.End > cut.Start && e.Start < cut.Start + length).Select(e => new PageSpan(
            Lanes.Name(Lanes.Of(e.Stage)),
            Lanes.Name(e.Stage),
            Milliseconds(log, e.Start - cut.Start),
            Milliseconds(log, e.Duration),
            e.Pass == default ? null : e.Pass.Value,
            e.Round == default ? null : e.Round.Value,
            e.Layer < 0 ? null : e.Layer,
            e.Rows,
            [.. e.Sequences.Select(s => s.Value)],
            e.Bytes)),
    ];

    private static double Milliseconds(TimelineLog log, long ticks) => Math.Round(ticks * 1000.0 / log.TicksPerSecond, 4);

    private sealed record Cut(int Row, bool Drafts, long Start, long Length, TimelineEvent[] Events);
}
