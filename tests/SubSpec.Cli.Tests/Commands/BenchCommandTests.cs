using System.Text.Json;
using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Commands;

public sealed class BenchCommandTests
{
    [Fact]
    public async Task Compares_methods_on_the_built_in_stories()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("bench", "--max-tokens", "17"));

        string[] rows = [.. cli.Out.Split('\n').Where(line => line.StartsWith("│ autoregressive", StringComparison.Ordinal) || line.StartsWith("│ subspec", StringComparison.Ordinal))];
        Assert.Equal(["autoregressive", "adaptive", "-", "1", "64.0", "64.0..64.0", "1.00x", "0.00", "-"], Cells(rows[0])[..9]);
        Assert.Equal(["subspec", "adaptive", "64 x 2", "1", "128", "128..128", "2.00x", "3.00", "75.0 %"], Cells(rows[1])[..9]);
        Assert.Contains("demo: 1 of 3 layers offloaded", cli.Out, StringComparison.Ordinal);
        Assert.Contains("identical: yes (240 tokens compared)", cli.Out, StringComparison.Ordinal);
        Assert.Equal("", cli.Error);
    }

    [Fact]
    public async Task An_enlarged_model_is_labelled()
    {
        using var cli = new CliHarness();
        cli.Hosts.Info = cli.Hosts.Info with { Label = "enlarged 4x" };
        await cli.RunAsync("bench", "--prompt", "abc", "--link-bandwidth", "1MiB/s");
        Assert.Contains("demo (enlarged 4x): 1 of 3", cli.Out, StringComparison.Ordinal);
        Assert.Contains("link slowed to 1MiB/s", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_agreement_of_the_draft_with_the_target_is_shown_for_every_shape()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("bench", "--prompt", "abc", "--max-tokens", "17");
        Assert.Contains("75.0 %", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_tokens_than_plain_decoding_fail()
    {
        using var cli = new CliHarness();
        cli.Hosts.DivergesAt = 4;
        Assert.Equal(ExitCodes.Failed, await cli.RunAsync("bench", "--prompt", "abc"));
        Assert.Contains("identical: no (prompt 1, token 5: autoregressive adaptive x1 and subspec adaptive x1 (64 x 2) differ)", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_are_written_as_JSON()
    {
        using var cli = new CliHarness();
        string file = Path.Combine(cli.Folder.Path, "result.json");
        await cli.RunInTurnAsync("bench", "--schedules", "sequential,prefetch", "--sessions", "1,2", "--repeat", "3", "--max-tokens", "17", "--json", file);

        JsonElement result = JsonDocument.Parse(await File.ReadAllTextAsync(file)).RootElement;
        Assert.True(result.GetProperty("identical").GetBoolean());
        Assert.Equal(77UL, result.GetProperty("seed").GetUInt64());
        JsonElement[] rows = [.. result.GetProperty("rows").EnumerateArray()];
        Assert.Equal(8, rows.Length);
        Assert.Equal(
            ["autoregressive sequential 1", "autoregressive prefetch 1", "subspec sequential 1", "subspec prefetch 1", "autoregressive sequential 2", "autoregressive prefetch 2", "subspec sequential 2", "subspec prefetch 2"],
            rows.Select(r => $"{r.GetProperty("method").GetString()} {r.GetProperty("schedule").GetString()} {r.GetProperty("sessions").GetInt32()}"));
        // Two at once answer six prompts in turn.
        Assert.Equal([60, 60, 60, 60, 12, 12, 12, 12], rows.Select(r => r.GetProperty("samples").GetInt32()));
        double[] speeds = [.. rows.Select(r => r.GetProperty("tokens_per_second").GetDouble())];
        Assert.Equal([64, 64, 128, 128], speeds[..4]);
        // Each of two places answers three prompts. Plain answers end after 12 tokens: 2 x 3 x 11 in 11 + (1 + 11) + (1 + 11) passes; drafted ones
        // have 17: 2 x 3 x 16 in 4, 4 and 4 rounds of two passes' time, with a prompt's pass between.
        Assert.All(speeds[4..6], speed => Assert.Equal(64.0 * 66 / 35, speed, 1e-9));
        Assert.All(speeds[6..], speed => Assert.Equal(64.0 * 96 / 26, speed, 1e-9));
        Assert.Equal(2, rows[2].GetProperty("speed_up").GetDouble());
        Assert.Equal(
            ["method", "schedule", "sessions", "draft_depth", "draft_width", "draft_floor", "samples", "tokens_per_second", "tokens_per_second_min", "tokens_per_second_max", "speed_up", "tau", "rounds", "acceptance_histogram", "agreement", "bytes_streamed_per_token", "stall_share", "draft_share", "verify_share", "stream_share", "overlap_ratio", "ahead_hits", "ahead_misses", "ahead_wasted_nodes", "limit_share", "decoded_tokens", "decode_seconds", "passes", "verified_rows", "draft_steps", "drafted_rows", "answers"],
            rows[0].EnumerateObject().Select(p => p.Name));
    }

    [Fact]
    public async Task One_method_alone_has_no_speed_up_and_no_check()
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync("bench", "--prompt", "abc", "--method", "subspec"));
        Assert.Contains("identical: not checked", cli.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prompts_have_seeds_of_their_own_and_the_same_in_every_case()
    {
        using var cli = new CliHarness();
        string file = cli.Folder.Add("p.jsonl", "{\"prompt\": \"a\"}\n{\"prompt\": \"b\"}");
        await cli.RunAsync("bench", "--prompts", file, "--seed", "5", "--temperature", "1");
        Assert.Equal([5UL, 6UL], cli.Hosts.Requests.Select(r => r.Sampling.Seed).Distinct().Order());
    }

    [Fact]
    public async Task An_interrupt_ends_with_130()
    {
        using var cli = new CliHarness();
        cli.Hosts.AfterDelta = _ => cli.Interrupts.Press();
        Assert.Equal(ExitCodes.Interrupted, await cli.RunAsync("bench"));
        Assert.Equal("", cli.Out);
    }

    private static string[] Cells(string row) => row.Split('│', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
