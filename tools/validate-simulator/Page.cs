using System.Globalization;
using System.Text;

namespace SubSpec.ValidateSimulator;

/// <summary>The comparison as Markdown.</summary>
internal static class Page
{
    private const double Aim = 0.1;

    public static string Write(IReadOnlyDictionary<Point, List<Figures>> predicted, IReadOnlyDictionary<Point, List<Figures>> measured)
    {
        var page = new StringBuilder();
        var errors = measured.Select(m => Error(Figures.Median(predicted[m.Key]), Figures.Median(m.Value))).ToList();
        page.AppendLine("# Predicted against measured");
        page.AppendLine();
        page.AppendLine("`subspec simulate` against `subspec bench` on the demo model. Written by");
        page.AppendLine();
        page.AppendLine("```console");
        page.AppendLine("$ dotnet run -c Release --project tools/validate-simulator");
        page.AppendLine("```");
        page.AppendLine();
        page.AppendLine(Line($"Calibrated before each repetition from one benchmark that is none of the points ({Experiment.Calibration}): compute rates, overheads and how often the draft's first choice is right."));
        page.AppendLine(Line($"Measured and predicted are medians of {measured.Values.First().Count} repetitions of 8 prompts x 48 tokens, all points in turn; the range shows how far the machine's other load moved the measurements."));
        page.AppendLine();
        page.AppendLine(Line($"**{errors.Count(e => Math.Abs(e) <= Aim)} of {errors.Count} points within 10 %**; mean error {errors.Average(Math.Abs):P1}, largest {errors.Max(Math.Abs):P1}."));
        page.AppendLine();
        page.AppendLine("| link | schedule | depth | sessions | measured tok/s | range | predicted tok/s | error | tau measured | predicted | draft measured | predicted | verify measured | predicted |");
        page.AppendLine("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
        foreach ((Point point, List<Figures> all) in measured.OrderBy(m => m.Key.Link).ThenBy(m => m.Key.Schedule).ThenBy(m => m.Key.Depth).ThenBy(m => m.Key.Sessions))
        {
            Figures real = Figures.Median(all), said = Figures.Median(predicted[point]);
            double error = Error(said, real);
            page.AppendLine(Line(
                $"| {point.Link / 1e6:0} MB/s | {point.Schedule} | {point.Depth} | {point.Sessions} | {real.Speed:0.0} | {all.Min(f => f.Speed):0.0}..{all.Max(f => f.Speed):0.0} | {said.Speed:0.0} | {(Math.Abs(error) > Aim ? "**" : "")}{error * 100:+0.0;-0.0} %{(Math.Abs(error) > Aim ? "**" : "")} | {real.Tau:0.00} | {said.Tau:0.00} | {real.Draft * 100:0} % | {said.Draft * 100:0} % | {real.Verify * 100:0} % | {said.Verify * 100:0} % |"));
        }
        return page.ToString();
    }

    private static double Error(Figures predicted, Figures measured) => predicted.Speed / measured.Speed - 1;

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
