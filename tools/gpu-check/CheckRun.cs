using System.Diagnostics;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Torch.Cuda;

namespace SubSpec.GpuCheck;

/// <summary>The steps. One that fails is reported, and those that need nothing of it go on.</summary>
internal sealed class CheckRun(CheckOptions options, CheckReport report, TextWriter progress)
{
    private static readonly string[] Stories =
    [
        "Once upon a time", "One day, a boy named Tim went to the park.", "There was a big dog who liked to run.", "Lily had a red ball.", "The cat sat by the door and looked out.",
        "Sam and Tom were best friends.",
    ];

    private readonly long _start = Stopwatch.GetTimestamp();
    private double _bandwidth;

    private string Device => $"cuda:{options.Device}";

    private string Model => Path.Combine(options.WorkFolder, options.IsSmall ? "1b" : "7b");

    private TimeSpan Left => TimeSpan.FromMinutes(options.Minutes) - Stopwatch.GetElapsedTime(_start);

    public void Run()
    {
        // Without a device there is nothing to report.
        var device = CudaDevice.Open(options.Device);
        Step("device", () => Examine(device));
        Step("link", () => MeasureLink(device));
        Step("demo", CheckDemo);
        Step("grow", Grow);
        Step("model", MeasureModel);
        report.Add("seconds", "this check", Stopwatch.GetElapsedTime(_start).TotalSeconds, "{0:F0} s");
    }

    private void Step(string name, Action work)
    {
        if (Left <= TimeSpan.Zero)
        {
            report.Fail(name, $"not begun: the {options.Minutes} minutes are over");
            return;
        }
        progress.WriteLine($"{Stopwatch.GetElapsedTime(_start).TotalSeconds,5:F0} s  {name}");
        try
        {
            work();
        }
#pragma warning disable CA1031 // what goes wrong in a step is a finding
        catch (Exception e)
#pragma warning restore CA1031
        {
            report.Fail(name, e.Message);
        }
    }

    private void Examine(CudaDevice device)
    {
        report.Add("libtorch", "libtorch", device.LibtorchFolder);
        report.Add("free_bytes", "device memory free", device.FreeBytes / 1e9, "{0:F1} GB");
    }

    private void MeasureLink(CudaDevice device)
    {
        _bandwidth = CopyBandwidth.Measure(device.Runtime, options.Device);
        report.Add("copy_bytes_per_second", "bare copies from pinned memory", _bandwidth / 1e9, "{0:F2} GB/s");
    }

    private void CheckDemo()
    {
        JsonNode gpu = Tokens(Device), cpu = Tokens("cpu");
        int[] onGpu = Ids(gpu), onCpu = Ids(cpu);
        int equal = onGpu.Zip(onCpu).TakeWhile(t => t.First == t.Second).Count();
        report.Add("demo_tokens_equal_to_cpu", "demo: tokens as on cpu before the first other one", equal, $"{{0:F0}} of {onCpu.Length}");
        JsonNode bench = Bench(null, "--max-tokens", "64", "--schedules", "sequential,adaptive");
        report.Attach("demo", bench);
        report.Add("demo_identical", "demo: drafted as plain on cuda", Identical(bench), "yes");

        JsonNode Tokens(string device) =>
            JsonNode.Parse(Bundled.Run("subspec", Left, Environment(), "run", "--device", device, "--prompt", Stories[0], "--max-tokens", "100", "--temperature", "0", "--json"))!;
    }

    private void Grow()
    {
        long start = Stopwatch.GetTimestamp();
        string demo = Path.Combine(AppContext.BaseDirectory, "models", "demo");
        // Qwen2.5-7B has an intermediate width of 18944, which is no multiple of the demo's.
        string[] size = options.IsSmall ? [] : ["--hidden", "3584", "--intermediate", "19200", "--layers", "28"];
        Bundled.Run("grow-model", Left, Environment(), ["--model", demo, "--out", Model, .. size]);
        report.Add("grow_seconds", "growing the model", Stopwatch.GetElapsedTime(start).TotalSeconds, "{0:F0} s");
    }

    private void MeasureModel()
    {
        string budget = options.IsSmall ? "1.5GB" : "8GB";
        string prompts = Path.Combine(options.WorkFolder, "stories.jsonl");
        File.WriteAllLines(prompts, Stories.Select(s => new JsonObject { ["prompt"] = s }.ToJsonString()));
        JsonNode bench = Bench(
            Model, "--memory-budget", budget, "--prompts", prompts, "--max-tokens", "96", "--autoregressive-tokens", "8", "--schedules", "sequential,adaptive", "--trace",
            Path.ChangeExtension(options.JsonFile, ".trace.json"));
        report.Attach("model", bench);
        long streamed = (long)bench["streamed_bytes"]!;
        foreach (JsonNode? row in bench["rows"]!.AsArray()) Describe(row!, streamed);
        report.Add("model_identical", "model: drafted as plain on cuda", Identical(bench), "yes");
    }

    private void Describe(JsonNode row, long streamed)
    {
        string method = (string)row["method"]!, name = $"{method}, {(string)row["schedule"]!}", key = $"model_{method}_{(string)row["schedule"]!}";
        double rate = (double)row["tokens_per_second"]!;
        report.Add($"{key}_tokens_per_second", $"{name}: tokens/s", rate, "{0:F2}");
        if (method == "autoregressive")
        {
            // One token a pass, and a pass streams every offloaded layer once.
            if (_bandwidth > 0) report.Add($"{key}_of_link", $"{name}: of bytes / link bandwidth", rate * streamed / _bandwidth, "{0:P0}", "at least 90 %");
            return;
        }
        report.Add($"{key}_tau", $"{name}: tau", (double)row["tau"]!, "{0:F1}");
        report.Add($"{key}_speed_up", $"{name}: speed-up", (double)row["speed_up"]!, "{0:F1}x", (string)row["schedule"]! == "adaptive" ? "beyond 12x" : "at least 9.1x");
    }

    private JsonNode Bench(string? model, params IEnumerable<string> more)
    {
        string file = Path.Combine(options.WorkFolder, "bench.json");
        File.Delete(file);
        string[] which = model is null ? [] : ["--model", model];
        try
        {
            Bundled.Run("subspec", Left, Environment(), ["bench", "--device", Device, .. which, "--temperature", "0", "--json", file, .. more]);
        }
        catch (InvalidOperationException) when (new FileInfo(file) is { Exists: true, Length: > 0 })
        {
            // It ends so where tokens differ, and says so in the file.
        }
        return JsonNode.Parse(File.ReadAllText(file))!;
    }

    private Dictionary<string, string> Environment() => new() { ["SUBSPEC_CACHE"] = Path.Combine(options.WorkFolder, "cache") };

    private static int[] Ids(JsonNode run) => [.. run["token_ids"]!.AsArray().Select(t => (int)t!)];

    private static string Identical(JsonNode bench) => (bool?)bench["identical"] switch
    {
        true => $"yes, {bench["tokens_compared"]} tokens",
        false => $"no: {bench["difference"]}",
        null => "not compared",
    };
}
