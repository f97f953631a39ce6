using System.Diagnostics;
using System.Text.Json;
using SubSpec.Cli.Tests.Support;

namespace SubSpec.Cli.Tests.Smoke;

/// <summary>The executable as a process of its own, as a user starts it.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Tells_a_story_from_offloaded_layers_within_its_budget()
    {
        using Process process = Start("run", "--json", "--max-tokens", "40", "--temperature", "0");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        Assert.Equal((ExitCodes.Done, ""), (process.ExitCode, await errors));
        JsonElement run = JsonDocument.Parse(output).RootElement, stats = run.GetProperty("stats");
        Assert.Contains(' ', run.GetProperty("text").GetString()!);
        Assert.InRange(run.GetProperty("completion_tokens").GetInt32(), 1, 40);
        Assert.Equal(8, stats.GetProperty("layers_offloaded").GetInt32());
        Assert.True(stats.GetProperty("bytes_streamed").GetInt64() > 0);
        Assert.True(stats.GetProperty("tau").GetDouble() > 1);
        Assert.InRange(stats.GetProperty("peak_fast_tier_bytes").GetInt64(), 1, stats.GetProperty("budget_bytes").GetInt64());

        // What plan promises is what the process takes.
        using Process planning = Start("plan", "--json");
        JsonElement plan = JsonDocument.Parse(await planning.StandardOutput.ReadToEndAsync()).RootElement;
        long planned = plan.GetProperty("total_bytes").GetInt64() + plan.GetProperty("process_bytes").GetInt64();
        Assert.InRange(stats.GetProperty("peak_rss_bytes").GetInt64(), planned - (32 << 20), planned + (32 << 20));
    }

    [Fact]
    public async Task An_interrupt_while_it_talks_ends_it_with_130()
    {
        // Plain decoding over a slow link: the story cannot end before the interrupt comes.
        using Process process = Start("run", "--max-tokens", "1000", "--temperature", "0", "--method", "autoregressive", "--link-bandwidth", "20MB/s");
        Task<string> errors = process.StandardError.ReadToEndAsync();
        Assert.NotEqual(-1, process.StandardOutput.Read());
        await SubSpecProcess.SignalAsync(process, "INT");
        await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal((ExitCodes.Interrupted, "subspec run: interrupted\n"), (process.ExitCode, await errors));
    }

    private Process Start(params string[] arguments) => SubSpecProcess.Start([.. arguments, "--cache", _cache.Path]);
}
