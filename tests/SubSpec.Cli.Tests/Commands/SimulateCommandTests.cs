using System.Text.Json;
using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Simulation;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Commands;

public sealed class SimulateCommandTests
{
    private static readonly HardwareProfile _machine = new("test machine", 1e6, 1e9, 1e9, 1e12, 1e12, 1e-6, 1e-6, 0, SharesCompute: true);

    [Fact]
    public async Task Every_schedule_is_a_row_of_a_table()
    {
        using CliHarness cli = Harness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("simulate", "--hardware", "mine", "--memory-budget", "10KB", "--answers", "2"));
        Assert.Contains("demo on test machine, simulated: 1 of 3 layers offloaded", cli.Out, StringComparison.Ordinal);
        Assert.All(["sequential", "prefetch", "draft-ahead", "shared", "interleave", "adaptive"], name => Assert.Contains($" {name} │", cli.Out, StringComparison.Ordinal));
        Assert.Equal(1, cli.Out.Split(" fastest │").Length - 1);
        Assert.Contains("fastest at 976.56KiB/s, 1 session: ", cli.Out, StringComparison.Ordinal);
        Assert.Equal("", cli.Error);
    }

    [Fact]
    public async Task A_sweep_has_a_row_for_every_combination()
    {
        using CliHarness cli = Harness();
        await cli.RunAsync(
            "simulate", "--hardware", "mine", "--schedules", "prefetch,shared", "--draft-depth", "0,4,8", "--draft-width", "1,2", "--link-bandwidth", "400KB/s,2MB/s",
            "--sessions", "1,2", "--answers", "2", "--max-tokens", "20", "--acceptance", "1", "--json");
        JsonElement result = JsonDocument.Parse(cli.Out).RootElement;
        JsonElement[] rows = [.. result.GetProperty("rows").EnumerateArray()];
        Assert.Equal("test machine", result.GetProperty("hardware").GetString());
        Assert.Equal(2 * (1 + 2 * 2) * 2 * 2, rows.Length); // plain decoding has no width
        Assert.Equal(rows.Length, rows.Select(r => (r.GetProperty("schedule").GetString(), r.GetProperty("draft_depth").GetInt32(), r.GetProperty("draft_width").GetInt32(), r.GetProperty("link_bandwidth").GetDouble(), r.GetProperty("sessions").GetInt32())).Distinct().Count());
        Assert.All(rows, row => Assert.Equal(row.GetProperty("draft_depth").GetInt32() == 0, row.GetProperty("tau").GetDouble() == 0));
        // The fake plan streams 1000 bytes of three layers, one of which is offloaded: a pass waits for a third of it, and plain decoding for nothing else.
        JsonElement plain = rows.First(r => r.GetProperty("draft_depth").GetInt32() == 0);
        Assert.Equal(1200, plain.GetProperty("tokens_per_second").GetDouble(), 40.0);
        Assert.Equal(1, plain.GetProperty("speed_up").GetDouble(), 1e-9);
        Assert.True(rows[^1].GetProperty("speed_up").GetDouble() > 2);
        Assert.All(rows, row => Assert.Equal(1, row.GetProperty("layers_offloaded").GetInt32()));
        JsonElement[] fastest = [.. result.GetProperty("fastest").EnumerateArray()];
        Assert.Equal(2 * 2, fastest.Length); // of each link and number of sessions
        Assert.All(fastest, f => Assert.Equal(
            rows.Where(r => r.GetProperty("link_bandwidth").GetDouble() == f.GetProperty("link_bandwidth").GetDouble() && r.GetProperty("sessions").GetInt32() == f.GetProperty("sessions").GetInt32())
                .Max(r => r.GetProperty("tokens_per_second").GetDouble()),
            f.GetProperty("tokens_per_second").GetDouble()));
    }

    [Fact]
    public async Task A_file_of_acceptance_and_one_of_hardware_are_read()
    {
        using CliHarness cli = Harness();
        string hardware = cli.Folder.Add("other.json"), acceptance = cli.Folder.Add("acceptance.json");
        await File.WriteAllTextAsync(hardware, HardwareFile.Write(_machine with { Name = "another" }, _ => "here"));
        await File.WriteAllTextAsync(acceptance, """{"rows":[{"agreement":0.75,"rounds":4}]}""");
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("simulate", "--hardware", hardware, "--acceptance", acceptance, "--answers", "1", "--json"));
        JsonElement result = JsonDocument.Parse(cli.Out).RootElement;
        Assert.Equal("another", result.GetProperty("hardware").GetString());
        Assert.Equal(0.75, result.GetProperty("first_choice").GetDouble());
        Assert.False(result.GetProperty("recorded").GetBoolean());
    }

    [Fact]
    public async Task Recorded_answers_are_decoded_again_unless_something_else_is_asked_for()
    {
        using CliHarness cli = Harness();
        string file = cli.Folder.Add("bench.json");
        await File.WriteAllTextAsync(
            file,
            """{"max_tokens":9,"rows":[{"agreement":0.75,"rounds":1,"draft_depth":4,"draft_width":2,"answers":[{"prompt_tokens":3,"tokens":6,"rounds":[{"ranks":[0,0,0,0],"margins":[1,1,1,1]}]},{"prompt_tokens":5,"tokens":6,"rounds":[{"ranks":[0,0,0,0],"margins":[1,1,1,1]}]}]}]}""");
        await cli.RunAsync("simulate", "--hardware", "mine", "--acceptance", file, "--schedules", "sequential", "--draft-depth", "4", "--json");
        JsonElement result = JsonDocument.Parse(cli.Out).RootElement;
        Assert.True(result.GetProperty("recorded").GetBoolean());
        Assert.Equal((2, 4.0, 9), (result.GetProperty("answers").GetInt32(), result.GetProperty("prompt_tokens").GetDouble(), result.GetProperty("max_tokens").GetInt32()));
        Assert.Equal((10, 4.0), (result.GetProperty("rows")[0].GetProperty("decoded_tokens").GetInt32(), result.GetProperty("rows")[0].GetProperty("tau").GetDouble()));

        using CliHarness longer = Harness();
        await longer.RunAsync("simulate", "--hardware", "mine", "--acceptance", file, "--schedules", "sequential", "--draft-depth", "4", "--max-tokens", "21", "--answers", "3", "--json");
        Assert.Equal(60, JsonDocument.Parse(longer.Out).RootElement.GetProperty("rows")[0].GetProperty("decoded_tokens").GetInt32());
    }

    [Fact]
    public async Task A_benchmark_calibrates_a_machine()
    {
        using CliHarness cli = Harness();
        string result = cli.Folder.Add("result.json");
        await cli.RunAsync("bench", "--prompt", "a", "--max-tokens", "16", "--link-bandwidth", "64KB/s", "--json", result);
        using CliHarness fits = Harness();
        // The fake engine counts no passes: there is nothing to fit to.
        Assert.Equal(ExitCodes.BadInput, await fits.RunAsync("simulate", "--hardware", "mine", "--calibrate", result));
        Assert.Contains("no drafted row", fits.Error, StringComparison.Ordinal);

        string measured = (await File.ReadAllTextAsync(result)).Replace("\"draft_steps\": 0", "\"draft_steps\": 40", StringComparison.Ordinal).Replace("\"verified_rows\": 0", "\"verified_rows\": 100", StringComparison.Ordinal).Replace("\"drafted_rows\": 0", "\"drafted_rows\": 80", StringComparison.Ordinal);
        await File.WriteAllTextAsync(result, measured);
        using CliHarness cli2 = Harness();
        Assert.Equal(ExitCodes.Done, await cli2.RunAsync("simulate", "--hardware", "mine", "--calibrate", result));
        HardwareProfile fitted = HardwareFile.Parse(cli2.Out, "printed");
        Assert.Equal(_machine.LinkBandwidth, fitted.LinkBandwidth);
        Assert.True(fitted.VerifyLayerOverheadSeconds > _machine.VerifyLayerOverheadSeconds);
    }

    [Theory]
    [InlineData("", "--hardware is missing: give a file, or one of bad, mine, tiny")]
    [InlineData("--hardware moon", "--hardware 'moon' does not exist: give a file, or one of bad, mine, tiny")]
    [InlineData("--hardware bad", "'link_bandwidth' is missing")]
    [InlineData("--hardware mine --draft-depth 8,x", "--draft-depth 'x'")]
    [InlineData("--hardware mine --draft-depth 513", "--draft-depth '513'")]
    [InlineData("--hardware mine --draft-width 0", "--draft-width '0'")]
    [InlineData("--hardware mine --link-bandwidth 5MB", "--link-bandwidth '5MB'")]
    [InlineData("--hardware mine --sessions 65", "--sessions '65'")]
    [InlineData("--hardware mine --acceptance 1.5", "--acceptance 1.5")]
    [InlineData("--hardware mine --acceptance no/such", "no/such")]
    [InlineData("--hardware mine --schedules fast", "unknown schedule 'fast'")]
    [InlineData("--hardware mine --draft-floor 1", "--draft-floor 1")]
    [InlineData("--hardware mine --draft-depth 300", "depth 300")]
    [InlineData("--hardware mine --shape no/such/folder/x", "--shape 'no/such/folder/x'")]
    [InlineData("--hardware tiny", "give less --memory-budget")]
    public async Task Bad_input_is_refused_in_one_line(string line, string said)
    {
        using CliHarness cli = Harness();
        Assert.Equal(ExitCodes.BadInput, await cli.RunAsync(["simulate", .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)]));
        Assert.StartsWith("subspec simulate: ", cli.Error, StringComparison.Ordinal);
        Assert.Contains(said, cli.Error, StringComparison.Ordinal);
        Assert.Single(cli.Error.Trim().Split('\n'));
        Assert.Equal("", cli.Out);
    }

    private static CliHarness Harness()
    {
        var cli = new CliHarness();
        File.WriteAllText(cli.Folder.Add("program/hardware/mine.json"), HardwareFile.Write(_machine, _ => "here"));
        File.WriteAllText(cli.Folder.Add("program/hardware/bad.json"), """{"name":"bad","sources":{}}""");
        File.WriteAllText(cli.Folder.Add("program/hardware/tiny.json"), HardwareFile.Write(_machine with { FastMemoryBytes = 9999 }, _ => "here"));
        return cli;
    }
}
