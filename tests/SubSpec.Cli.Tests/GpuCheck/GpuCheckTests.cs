using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.GpuCheck;

namespace SubSpec.Cli.Tests.GpuCheck;

/// <summary>What of tools/gpu-check needs no GPU: its command line, its report, and that it says in one line what it lacks.</summary>
public sealed class GpuCheckTests
{
    [Theory]
    [InlineData("--fast", "unknown option --fast")]
    [InlineData("--minutes", "--minutes needs a value")]
    [InlineData("--minutes soon", "--minutes soon: a number")]
    [InlineData("--device 100", "from 0 to 99")]
    public void What_cannot_be_meant_is_refused(string line, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<BadInputException>(() => CheckOptions.Parse(line.Split(' '))).Message, StringComparison.Ordinal);

    [Fact]
    public void Options_are_read()
    {
        var options = CheckOptions.Parse("--device 2 --work somewhere --json figures.json --minutes 3.5 --small".Split(' '));

        Assert.Equal(new CheckOptions(2, Path.GetFullPath("somewhere"), Path.GetFullPath("figures.json"), 3.5, IsSmall: true), options);
    }

    [Fact]
    public void A_report_is_a_table_for_people_and_JSON_for_scripts()
    {
        var report = new CheckReport();
        report.Add("speed_up", "speed-up", 9.5, "{0:F1}x", "at least 9.1x");
        report.Add("libtorch", "libtorch", "/somewhere");
        Assert.False(report.HasFailed);
        report.Fail("model", "out of memory");

        string[] lines = report.ToTable().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["speed-up       9.5x           wanted: at least 9.1x", "libtorch       /somewhere", "model: failed  out of memory"], lines);
        Assert.True(report.HasFailed);
        JsonElement json = JsonDocument.Parse(report.ToJson()).RootElement;
        Assert.Equal(9.5, json.GetProperty("speed_up").GetDouble());
        Assert.Equal("out of memory", json.GetProperty("model_failed").GetString());
    }

    [Fact]
    public void A_step_that_is_left_out_is_no_failure_and_says_why()
    {
        var report = new CheckReport();
        report.Skip("32b", MeasuredModel.Of32B(small: false).WhyNot(pinnableBytes: 40L << 30, deviceBytes: 80L << 30)!);

        Assert.Equal("32b: left out  up to 60.04GiB of it are pinned, and 40GiB of this host's memory may be\n", report.ToTable());
        Assert.False(report.HasFailed);
    }

    [Fact]
    public void The_32B_shape_is_measured_where_host_and_device_have_room_for_it()
    {
        var model = MeasuredModel.Of32B(small: false);

        Assert.Null(model.WhyNot(90L << 30, 80L << 30));
        Assert.Equal("it is measured in 24GB, and 20GiB of the device are free", model.WhyNot(90L << 30, 20L << 30));
        Assert.Null(MeasuredModel.Of32B(small: true).WhyNot(3L << 30, 2L << 30));
    }

    [Fact]
    public void Figures_of_a_model_stand_beside_what_they_are_compared_with()
    {
        var report = new CheckReport();
        var bench = JsonNode.Parse("""
            {"budget_bytes":24000000000,"peak_fast_tier_bytes":23500000000,"streamed_bytes":60000000000,"draft_read_bytes":17000000000,"identical":true,"tokens_compared":8,"rows":[
            {"method":"autoregressive","schedule":"sequential","tokens_per_second":0.8,"tau":0,"speed_up":1},
            {"method":"subspec","schedule":"sequential","tokens_per_second":10.4,"tau":20.2,"speed_up":13,"draft_share":0.5,"decode_seconds":20,"draft_steps":1000},
            {"method":"subspec","schedule":"adaptive","tokens_per_second":12,"tau":21,"speed_up":15,"draft_share":0.8,"decode_seconds":10,"draft_steps":1000}]}
            """)!;
        ModelReport.Add(report, MeasuredModel.Of32B(small: false), bench, new Bandwidths(Link: 50e9, Memory: 2e12));

        string[][] lines = [.. report.ToTable().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))];
        Assert.Equal(["32b: autoregressive, sequential: of bytes / link bandwidth", "96 %", "wanted: at least 90 %"], lines[1]);
        Assert.Equal(["32b: subspec, sequential: a draft step", "10.00 ms", "wanted: its weights at the memory's speed: 8.50 ms"], lines[3]);
        Assert.Equal(["32b: subspec, sequential: speed-up", "13.0x", "wanted: at least 12.5x"], lines[5]);
        Assert.Equal(["32b: subspec, adaptive: speed-up", "15.0x", "wanted: beyond 12.5x"], lines[9]);
        Assert.Equal(["32b: device memory at most", "23.50 GB", "wanted: at most 24.00 GB"], lines[10]);
        Assert.Equal(["32b: drafted as plain on cuda", "yes, 8 tokens", "wanted: yes"], lines[11]);
        Assert.Equal(15, JsonDocument.Parse(report.ToJson()).RootElement.GetProperty("32b_subspec_adaptive_speed_up").GetDouble());
    }

    [Fact]
    public async Task Without_such_a_device_it_ends_with_one_line()
    {
        (int exit, _, string error) = await RunAsync("--device", "99");

        Assert.Equal(2, exit);
        Assert.Matches(@"^gpu-check: --device cuda:99: [^\n]+\n\z", error);
    }

    [Fact]
    public async Task The_programs_that_it_measures_are_part_of_it()
    {
        (int exit, string printed, _) = await RunAsync("subspec", "--version");

        Assert.Equal(0, exit);
        Assert.Matches(@"^\d+\.\d+\.\d+", printed);
    }

    [Fact]
    public async Task A_grown_model_without_a_file_says_what_its_file_says()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("subspec-grown-");
        try
        {
            string written = Path.Combine(folder.FullName, "written"), generated = Path.Combine(folder.FullName, "generated");
            string[] Grow(string to) => ["--model", Path.Combine(AppContext.BaseDirectory, "models", "demo"), "--out", to, "--hidden", "256", "--intermediate", "1536", "--layers", "9"];
            string[] run = ["run", "--memory-budget", "120MiB", "--context", "128", "--max-tokens", "12", "--temperature", "0", "--prompt", "Once upon a time", "--json"];
            Assert.Equal(0, (await RunAsync(["grow-model", .. Grow(written)])).Exit);

            JsonElement file = Result(await RunAsync(["subspec", .. run, "--model", written, "--cache", folder.FullName]));
            JsonElement grown = Result(await RunAsync(["grown-bench", .. Grow(generated), "--", .. run]));

            Assert.Equal(file.GetProperty("token_ids").GetRawText(), grown.GetProperty("token_ids").GetRawText());
            Assert.Equal(0, grown.GetProperty("stats").GetProperty("layers_offloaded").GetInt32());
            Assert.DoesNotContain(Directory.EnumerateFiles(generated), f => f.EndsWith(".safetensors", StringComparison.Ordinal));
            // A folder with weights of its own keeps its config.json.
            Assert.Contains("there are weights in it", (await RunAsync(["grown-bench", .. Grow(written), "--", .. run])).Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("--model a --out b", "then --, then a command of subspec")]
    [InlineData("--model a --out b --", "then --, then a command of subspec")]
    [InlineData("--model a -- bench", "--out DIR is missing")]
    [InlineData("--model nowhere --out b -- bench", "no such file")]
    public void A_grown_model_that_cannot_be_made_is_refused(string line, string mentions) =>
        Assert.Contains(mentions, Assert.Throws<BadInputException>(() => GrownBench.Run(line.Split(' '))).Message, StringComparison.Ordinal);

    private static JsonElement Result((int Exit, string Printed, string Error) run)
    {
        Assert.True(run.Exit == 0, run.Error);
        return JsonDocument.Parse(run.Printed).RootElement;
    }

    private static async Task<(int Exit, string Printed, string Error)> RunAsync(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gpu-check"), arguments) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        Task<string> printed = process.StandardOutput.ReadToEndAsync();
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await printed, error);
    }
}
