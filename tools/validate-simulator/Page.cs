using System.Globalization;
using System.Text;

namespace SubSpec.ValidateSimulator;

/// <summary>The repetitions of a workload.</summary>
internal sealed record Comparison(Workload Workload, IReadOnlyList<(Point Point, Figures Measured, Figures Predicted)[]> Repetitions);

/// <summary>The comparison as Markdown.</summary>
internal static class Page
{
    private const double Aim = 0.1;

    public static string Write(IEnumerable<Comparison> comparisons)
    {
        var page = new StringBuilder();
        page.AppendLine("# Predicted against measured");
        page.AppendLine();
        page.AppendLine(Line($"What `subspec simulate` says against what `subspec bench` measures, on {Machine()}. Written by"));
        page.AppendLine();
        page.AppendLine("```console");
        page.AppendLine("$ dotnet run -c Release --project tools/validate-simulator -- --large FOLDER");
        page.AppendLine("```");
        page.AppendLine();
        page.AppendLine("on a machine that did nothing else. Without `--large`, which takes the output of `tools/grow-model`, it is the demo model alone.");
        page.AppendLine();
        page.AppendLine("Each repetition is calibrated by one benchmark that is none of the points: compute rates, overheads, and the acceptance walks of its");
        page.AppendLine("answers, which simulations decode again under other schedules, depths, links and numbers of sessions. So the points test the");
        page.AppendLine("schedules' times and what becomes of known texts; other texts are accepted differently. Speeds are medians of the repetitions.");
        foreach (Comparison comparison in comparisons) Write(page, comparison);
        return page.ToString();
    }

    private static void Write(StringBuilder page, Comparison comparison)
    {
        Workload workload = comparison.Workload;
        var points = comparison.Repetitions.SelectMany(r => r).GroupBy(row => row.Point)
            .Select(g => (Point: g.Key, All: g.Select(r => r.Measured).ToArray(), Real: Figures.Median([.. g.Select(r => r.Measured)]), Said: Figures.Median([.. g.Select(r => r.Predicted)])))
            .OrderBy(p => p.Point.Link).ThenBy(p => p.Point.Depth).ThenBy(p => p.Point.Sessions).ThenBy(p => p.Point.Schedule, StringComparer.Ordinal).ToArray();
        double[] errors = [.. points.Select(p => Error(p.Said, p.Real))], single = [.. comparison.Repetitions.SelectMany(r => r).Select(r => Error(r.Predicted, r.Measured))];
        page.AppendLine();
        page.AppendLine(Line($"## {char.ToUpperInvariant(workload.Name[0])}{workload.Name[1..]}"));
        page.AppendLine();
        page.AppendLine(Line($"{workload.Prompts} prompts x {workload.MaxTokens} tokens, {comparison.Repetitions.Count} repetition{(comparison.Repetitions.Count == 1 ? "" : "s")}; calibrated by: {workload.Calibration}."));
        page.AppendLine();
        page.AppendLine(Line($"**{Within(errors)} of {errors.Length} points within 10 %**; mean error {errors.Average(Math.Abs):P1}, largest {errors.Max(Math.Abs):P1}. Of the single measurements, {Within(single)} of {single.Length} are."));
        page.AppendLine();
        page.AppendLine("| link | depth | sessions | schedule | measured tok/s | range | predicted tok/s | error | tau measured | predicted | draft measured | predicted | verify measured | predicted |");
        page.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach ((Point point, Figures[] all, Figures real, Figures said) in points)
        {
            double error = Error(said, real);
            string mark = Math.Abs(error) > Aim ? "**" : "";
            page.AppendLine(Line(
                $"| {point.Link / 1e6:0} MB/s | {point.Depth} | {point.Sessions} | {point.Schedule} | {real.Speed:0.0} | {all.Min(f => f.Speed):0.0}..{all.Max(f => f.Speed):0.0} | {said.Speed:0.0} | {mark}{Math.Round(error * 100, 1) + 0.0:+0.0;-0.0} %{mark} | {real.Tau:0.00} | {said.Tau:0.00} | {real.Draft * 100:0} % | {said.Draft * 100:0} % | {real.Verify * 100:0} % | {said.Verify * 100:0} % |"));
        }
    }

    private static int Within(double[] errors) => errors.Count(e => Math.Abs(e) <= Aim);

    private static double Error(Figures predicted, Figures measured) => predicted.Speed / measured.Speed - 1;

    private static string Machine()
    {
        string? model = File.Exists("/proc/cpuinfo") ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal)) : null;
        return Line($"{Environment.ProcessorCount} cores of {model?[(model.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim() ?? "an unknown processor"}");
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
