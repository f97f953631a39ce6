using System.Diagnostics;
using System.Text.Json;
using SubSpec.Cli.Tests.Support;
using SubSpec.RandomModel;

namespace SubSpec.Cli.Tests.Smoke;

/// <summary>The executable as a process of its own, as a user starts it.</summary>
public sealed class ProgramTests : IDisposable
{
    private readonly TemporaryFolder _cache = new();

    public void Dispose() => _cache.Dispose();

    [Fact]
    public async Task Tells_a_story_from_offloaded_layers_within_its_budget()
    {
        JsonElement run = await ReadAsync(["run", "--json", "--max-tokens", "40", "--temperature", "0"]), stats = run.GetProperty("stats");
        Assert.Contains(' ', run.GetProperty("text").GetString()!);
        Assert.InRange(run.GetProperty("completion_tokens").GetInt32(), 1, 40);
        Assert.Equal(8, stats.GetProperty("layers_offloaded").GetInt32());
        Assert.True(stats.GetProperty("bytes_streamed").GetInt64() > 0);
        Assert.True(stats.GetProperty("tau").GetDouble() > 1);
        Assert.InRange(stats.GetProperty("peak_fast_tier_bytes").GetInt64(), 1, stats.GetProperty("budget_bytes").GetInt64());
    }

    /// <summary>With random weights of about 100 MB: first while substitutes are made, then with those of the cache.</summary>
    [Theory]
    [InlineData("--family llama --hidden 1024 --intermediate 2816 --heads 16 --kv-heads 4 --head-dim 64 --layers 6 --vocabulary 4096", "--memory-budget 135MiB", 6)]
    [InlineData("--family qwen3 --hidden 640 --intermediate 1920 --heads 5 --kv-heads 5 --head-dim 128 --layers 6 --vocabulary 12001 --tied", "--memory-budget 150MiB", 0)]
    public async Task Takes_the_memory_that_plan_says(string model, string budget, int offloaded)
    {
        string folder = Path.Combine(_cache.Path, "model");
        new RandomModelWriter(RandomModelOptions.Parse(["--out", folder, .. model.Split(' ')])).Run(_ => { }, CancellationToken.None);
        string[] where = ["--json", "--model", folder, "--context", "256", .. budget.Split(' ')];
        JsonElement plan = await ReadAsync(["plan", .. where]);
        long total = plan.GetProperty("total_bytes").GetInt64(), process = plan.GetProperty("process_bytes").GetInt64();
        for (int start = 0; start < 2; start++)
        {
            JsonElement stats = (await ReadAsync(["run", .. where, "--prompt", "x", "--max-tokens", "20", "--temperature", "0"])).GetProperty("stats");
            Assert.Equal(offloaded, stats.GetProperty("layers_offloaded").GetInt32());
            Assert.InRange(stats.GetProperty("peak_fast_tier_bytes").GetInt64(), total * 0.99, total);
            Assert.InRange(stats.GetProperty("peak_rss_bytes").GetInt64(), total + process - (32 << 20), total + process + (32 << 20));
        }
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

    private async Task<JsonElement> ReadAsync(string[] arguments)
    {
        using Process process = Start(arguments);
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        Assert.Equal("", await errors);
        return JsonDocument.Parse(output).RootElement;
    }

    private Process Start(params string[] arguments) => SubSpecProcess.Start([.. arguments, "--cache", _cache.Path]);
}
