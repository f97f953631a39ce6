using System.Diagnostics;
using System.Text.Json;
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
    public async Task Without_such_a_device_it_ends_with_one_line()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gpu-check"), ["--device", "99"]) { RedirectStandardError = true, RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(2, process.ExitCode);
        Assert.Matches(@"^gpu-check: --device cuda:99: [^\n]+\n\z", error);
    }

    [Fact]
    public async Task The_programs_that_it_measures_are_part_of_it()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "gpu-check"), ["subspec", "--version"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string printed = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal(0, process.ExitCode);
        Assert.Matches(@"^\d+\.\d+\.\d+", printed);
    }
}
