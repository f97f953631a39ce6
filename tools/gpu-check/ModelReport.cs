using System.Text.Json.Nodes;

namespace SubSpec.GpuCheck;

/// <summary>Picks the figures that matter out of what <c>subspec bench --json</c> wrote.</summary>
internal static class ModelReport
{
    /// <param name="bandwidth">Of bare copies, in bytes a second; 0 where it is not known.</param>
    public static void Add(CheckReport report, MeasuredModel model, JsonNode bench, double bandwidth)
    {
        report.Attach(model.Key, bench);
        foreach (JsonNode? row in bench["rows"]!.AsArray()) Describe(report, model, row!, (long)bench["streamed_bytes"]!, bandwidth);
        report.Add(
            $"{model.Key}_peak_fast_tier_gb", $"{model.Key}: device memory at most", (double)bench["peak_fast_tier_bytes"]! / 1e9, "{0:F2} GB", FormattableString.Invariant($"at most {(double)bench["budget_bytes"]! / 1e9:F2} GB"));
        report.Add($"{model.Key}_identical", $"{model.Key}: drafted as plain on cuda", Identical(bench), "yes");
    }

    public static string Identical(JsonNode bench) => (bool?)bench["identical"] switch
    {
        true => $"yes, {bench["tokens_compared"]} tokens",
        false => $"no: {bench["difference"]}",
        null => "not compared",
    };

    private static void Describe(CheckReport report, MeasuredModel model, JsonNode row, long streamed, double bandwidth)
    {
        string method = (string)row["method"]!, schedule = (string)row["schedule"]!, name = $"{model.Key}: {method}, {schedule}", key = $"{model.Key}_{method}_{schedule}";
        double rate = (double)row["tokens_per_second"]!;
        report.Add($"{key}_tokens_per_second", $"{name}: tokens/s", rate, "{0:F2}");
        if (method == "autoregressive")
        {
            // One token a pass, and a pass streams every offloaded layer once.
            if (bandwidth > 0) report.Add($"{key}_of_link", $"{name}: of bytes / link bandwidth", rate * streamed / bandwidth, "{0:P0}", "at least 90 %");
            return;
        }
        report.Add($"{key}_tau", $"{name}: tau", (double)row["tau"]!, "{0:F1}");
        report.Add($"{key}_speed_up", $"{name}: speed-up", (double)row["speed_up"]!, "{0:F1}x", schedule == "adaptive" ? model.WantedAdaptive : model.WantedSequential);
    }
}
