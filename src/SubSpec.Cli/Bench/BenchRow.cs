using System.Collections.Immutable;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;
using SubSpec.Core.Generation;

namespace SubSpec.Cli.Bench;

/// <summary>What a case's measurements come to.</summary>
/// <param name="Median">Tokens a second, all answers at once together: the median of the measurements.</param>
/// <param name="SpeedUp">Median over that of plain decoding under the same schedule and sessions; null when that was not measured.</param>
internal sealed record BenchRow(BenchCase Case, int Samples, double Median, double Least, double Most, double? SpeedUp, Performance Performance)
{
    /// <summary>The first answer to each prompt, in the order of prompts.</summary>
    public required ImmutableArray<GenerationResult> Answers { get; init; }

    public double DraftShare => Share(Performance.Decode.DraftSeconds);

    public double VerifyShare => Share(Performance.Decode.VerifySeconds);

    public double StreamShare => Share(Performance.Decode.LinkBusySeconds);

    public double StallShare => Share(Performance.Decode.StallSeconds);

    public static ImmutableArray<BenchRow> Of(BenchPlan plan, IReadOnlyCollection<BenchSample> samples, double? throttle)
    {
        BenchRow[] rows = [.. plan.Cases.Select(c => Of(c, [.. samples.Where(s => s.Step.Case == c)], throttle))];
        return [.. rows.Select(row => row with { SpeedUp = Baseline(rows, row) is { Median: > 0 } plain ? row.Median / plain.Median : null })];
    }

    private static BenchRow Of(BenchCase bench, BenchSample[] samples, double? throttle)
    {
        Measurement[] measurements = [.. samples.Select(s => s.Measurement)];
        double[] speeds = [.. measurements.Select(m => Performance.Of([m], throttle).TokensPerSecond).Order()];
        double median = (speeds[(speeds.Length - 1) / 2] + speeds[speeds.Length / 2]) / 2;
        var all = Performance.Of(measurements, throttle);
        return new BenchRow(bench, speeds.Length, median, speeds[0], speeds[^1], null, all)
        {
            Answers =
            [
                .. samples.SelectMany(s => s.Step.Prompts.Zip(s.Measurement.Results, (prompt, result) => (Prompt: prompt, Result: result)))
                    .DistinctBy(a => a.Prompt).OrderBy(a => a.Prompt).Select(a => a.Result),
            ],
        };
    }

    private static BenchRow? Baseline(BenchRow[] rows, BenchRow row) => rows.FirstOrDefault(r =>
        r.Case.Decoding.Method == Methods.Autoregressive && r.Case.Decoding.Schedule == row.Case.Decoding.Schedule && r.Case.Sessions == row.Case.Sessions);

    private double Share(double seconds) => Performance.DecodeSeconds > 0 ? seconds / Performance.DecodeSeconds : 0;
}
