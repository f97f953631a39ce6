using System.Text.Json;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Output;

public sealed class ReportTests
{
    [Fact]
    public async Task A_plan_is_a_table()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("plan", "--memory-budget", "10KB"));
        Assert.Contains("embedding", cli.Out, StringComparison.Ordinal);
        Assert.Contains("3: 1 offloaded; 1 resident (1); 1 resident with substitute (2)", cli.Out, StringComparison.Ordinal);
        Assert.Contains("1000B a pass in 125 ms at 7.81KiB/s, assumed (subspec doctor measures it); a ring of 1 layer\n", cli.Out, StringComparison.Ordinal);
        Assert.Contains("250 ms predicted, the shortest that fits; 500 ms with every layer offloaded", cli.Out, StringComparison.Ordinal);
        Assert.DoesNotContain("(default)", cli.Out, StringComparison.Ordinal);
        Assert.Equal(10_000, Assert.Single(cli.Hosts.Asked)!.MemoryBudget);
    }

    [Fact]
    public async Task A_plan_of_a_config_alone_is_an_object()
    {
        using var cli = new CliHarness();
        string config = cli.Folder.Add("big/config.json");
        await cli.RunAsync("plan", "--model", config, "--json");
        JsonElement plan = JsonDocument.Parse(cli.Out).RootElement;
        Assert.Equal(
            ["model", "label", "budget_bytes", "budget_is_default", "total_bytes", "headroom_bytes", "smallest_bytes", "process_bytes", "layers_offloaded", "layers_resident", "layers", "ring_slots", "streamed_bytes", "stream_seconds", "round_seconds", "offloaded_round_seconds", "parts"],
            plan.EnumerateObject().Select(p => p.Name));
        Assert.Equal("resident_with_substitute", plan.GetProperty("layers")[2].GetString());
        Assert.Equal(4096, plan.GetProperty("parts")[1].GetProperty("bytes").GetInt64());
        Assert.Equal(config, Assert.Single(cli.Hosts.Asked)!.ModelPath);
    }

    [Fact]
    public async Task Inspect_shows_a_checkpoint()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("inspect");
        Assert.Contains("qwen2", cli.Out, StringComparison.Ordinal);
        Assert.Contains("demo (enlarged 4x)", cli.Out, StringComparison.Ordinal);
        Assert.EndsWith("demo", Assert.Single(cli.Hosts.Inspected), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Inspect_gives_an_object()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("inspect", "--json");
        JsonElement checkpoint = JsonDocument.Parse(cli.Out).RootElement.GetProperty("checkpoint");
        Assert.Equal(7_350_000, checkpoint.GetProperty("parameters").GetInt64());
        Assert.Equal("qwen2", checkpoint.GetProperty("architecture").GetString());
    }

    [Fact]
    public async Task Doctor_says_what_is_slow_and_why()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("doctor"));
        Assert.Contains("AVX2, no AVX-512", cli.Out, StringComparison.Ordinal);
        Assert.Contains("processor: drafting is slower without AVX-512", cli.Out, StringComparison.Ordinal);
        Assert.Null(Assert.Single(cli.Hosts.Asked));
        Assert.Equal("cpu", cli.Hosts.DoctorDevice);
    }

    [Fact]
    public async Task Doctor_examines_the_device_that_is_asked_for()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("doctor", "--device", "cuda:1");
        Assert.Equal("cuda:1", cli.Hosts.DoctorDevice);
    }

    [Fact]
    public async Task Doctor_fails_when_something_does_not_work()
    {
        using var cli = new CliHarness();
        cli.Hosts.Report = new DoctorReport([new DoctorCheck("libtorch", "libtorch", "cannot be loaded", DoctorVerdict.Bad, "install glibc")]);
        Assert.Equal(ExitCodes.Failed, await cli.RunAsync("doctor", "--json", "--model", "demo"));
        JsonElement report = JsonDocument.Parse(cli.Out).RootElement;
        Assert.Equal("bad", report.GetProperty("verdict").GetString());
        Assert.Equal("libtorch", report.GetProperty("checks")[0].GetProperty("key").GetString());
        Assert.Equal(new DraftShape(DraftDefaults.Depth, DraftDefaults.Width, DraftDefaults.Floor, 65), Assert.Single(cli.Hosts.Asked)!.Shape);
    }
}
