using System.Diagnostics;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Server;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Engine;

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
    private readonly MeasuredModel _7b = MeasuredModel.Of7B(options.IsSmall), _32b = MeasuredModel.Of32B(options.IsSmall);
    private Bandwidths _bandwidths;

    private string Device => $"cuda:{options.Device}";

    private TimeSpan Left => TimeSpan.FromMinutes(options.Minutes) - Stopwatch.GetElapsedTime(_start);

    public void Run()
    {
        // Without a device there is nothing to report.
        var device = CudaDevice.Open(options.Device);
        Step("device", () => Examine(device));
        Step("link", () => MeasureLink(device));
        Step("demo", CheckDemo);
        Step("grow", Grow);
        Step("model", Measure7B);
        Step(_32b.Key, () => Measure32B(device));
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
        _bandwidths = new Bandwidths(CopyBandwidth.Measure(device.Runtime, options.Device), CopyBandwidth.MeasureMemory(device.Runtime, options.Device));
        report.Add("copy_bytes_per_second", "bare copies from pinned memory", _bandwidths.Link / 1e9, "{0:F2} GB/s");
        report.Add("memory_bytes_per_second", "bare copies within device memory, read and written", _bandwidths.Memory / 1e9, "{0:F0} GB/s");
    }

    private void CheckDemo()
    {
        JsonNode gpu = Tokens(Device), cpu = Tokens("cpu");
        int[] onGpu = Ids(gpu), onCpu = Ids(cpu);
        int equal = onGpu.Zip(onCpu).TakeWhile(t => t.First == t.Second).Count();
        report.Add("demo_tokens_equal_to_cpu", "demo: tokens as on cpu before the first other one", equal, $"{{0:F0}} of {onCpu.Length}");
        JsonNode bench = Bench("subspec", [], ["--max-tokens", "64", "--schedules", "sequential,adaptive"]);
        report.Attach("demo", bench);
        report.Add("demo_identical", "demo: drafted as plain on cuda", ModelReport.Identical(bench), "yes");

        JsonNode Tokens(string device) =>
            JsonNode.Parse(Bundled.Run("subspec", Left, Environment(), "run", "--device", device, "--prompt", Stories[0], "--max-tokens", "100", "--temperature", "0", "--json"))!;
    }

    private void Grow()
    {
        long start = Stopwatch.GetTimestamp();
        Bundled.Run("grow-model", Left, Environment(), _7b.GrowArguments(Folder(_7b)));
        report.Add("grow_seconds", "growing the model", Stopwatch.GetElapsedTime(start).TotalSeconds, "{0:F0} s");
    }

    private void Measure7B() => ModelReport.Add(report, _7b, Bench("subspec", [], ["--model", Folder(_7b), .. BenchArguments(_7b)]), _bandwidths);

    private void Measure32B(CudaDevice device)
    {
        long pinnable = (long)(DefaultBudget.AvailableBytes() * EngineOptions.PinnedShare);
        if (_32b.WhyNot(pinnable, device.FreeBytes) is { } reason) report.Skip(_32b.Key, reason);
        else ModelReport.Add(report, _32b, Bench(GrownBench.Name, [.. _32b.GrowArguments(Folder(_32b)), "--"], BenchArguments(_32b)), _bandwidths);
    }

    private string[] BenchArguments(MeasuredModel model)
    {
        string prompts = Path.Combine(options.WorkFolder, $"{model.Key}.jsonl");
        File.WriteAllLines(prompts, Stories.Take(model.Stories).Select(s => new JsonObject { ["prompt"] = s }.ToJsonString()));
        return
        [
            "--memory-budget", model.Budget, "--prompts", prompts, "--max-tokens", $"{model.Tokens}", "--autoregressive-tokens", $"{model.PlainTokens}", "--schedules", "sequential,adaptive",
            "--trace", Path.ChangeExtension(options.JsonFile, $".{model.Key}.trace.json"),
        ];
    }

    private JsonNode Bench(string program, string[] before, IEnumerable<string> more)
    {
        string file = Path.Combine(options.WorkFolder, "bench.json");
        File.Delete(file);
        try
        {
            Bundled.Run(program, Left, Environment(), [.. before, "bench", "--device", Device, "--temperature", "0", "--json", file, .. more]);
        }
        catch (InvalidOperationException) when (new FileInfo(file) is { Exists: true, Length: > 0 })
        {
            // It ends so where tokens differ, and says so in the file.
        }
        return JsonNode.Parse(File.ReadAllText(file))!;
    }

    private string Folder(MeasuredModel model) => Path.Combine(options.WorkFolder, options.IsSmall ? $"{model.Key}-small" : model.Key);

    private Dictionary<string, string> Environment() => new() { ["SUBSPEC_CACHE"] = Path.Combine(options.WorkFolder, "cache") };

    private static int[] Ids(JsonNode run) => [.. run["token_ids"]!.AsArray().Select(t => (int)t!)];
}
