using System.Text.Json.Nodes;

namespace SubSpec.GpuCheck;

/// <summary>Bytes a second of bare copies; 0 where that is not known.</summary>
/// <param name="Link">From pinned memory to the device.</param>
/// <param name="Memory">Within the device's memory, reading and writing together.</param>
internal readonly record struct Bandwidths(double Link, double Memory);

/// <summary>Picks the figures that matter out of what <c>subspec bench --json</c> wrote.</summary>
internal static class ModelReport
{
    public static void Add(CheckReport report, MeasuredModel model, JsonNode bench, Bandwidths bandwidths)
    {
        report.Attach(model.Key, bench);
        foreach (JsonNode? row in bench["rows"]!.AsArray()) Describe(report, model, row!, (long)bench["streamed_bytes"]!, (long)bench["draft_read_bytes"]!, bandwidths);
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

    private static void Describe(CheckReport report, MeasuredModel model, JsonNode row, long streamed, long drafted, Bandwidths bandwidths)
    {
        string method = (string)row["method"]!, schedule = (string)row["schedule"]!, name = $"{model.Key}: {method}, {schedule}", key = $"{model.Key}_{method}_{schedule}";
        double rate = (double)row["tokens_per_second"]!;
        report.Add($"{key}_tokens_per_second", $"{name}: tokens/s", rate, "{0:F2}");
        if (method == "autoregressive")
        {
            // One token a pass, and a pass streams every offloaded layer once.
            if (bandwidths.Link > 0) report.Add($"{key}_of_link", $"{name}: of bytes / link bandwidth", rate * streamed / bandwidths.Link, "{0:P0}", "at least 90 %");
            return;
        }
        double step = (double)row["draft_share"]! * (double)row["decode_seconds"]! / Math.Max(1, (long)row["draft_steps"]!);
        report.Add($"{key}_draft_step_seconds", $"{name}: a draft step", 1000 * step, "{0:F2} ms", bandwidths.Memory > 0 ? FormattableString.Invariant($"its weights at the memory's speed: {1000 * drafted / bandwidths.Memory:F2} ms") : "");
        report.Add($"{key}_tau", $"{name}: tau", (double)row["tau"]!, "{0:F1}");
        report.Add($"{key}_speed_up", $"{name}: speed-up", (double)row["speed_up"]!, "{0:F1}x", schedule == "adaptive" ? model.WantedAdaptive : model.WantedSequential);
    }
}
