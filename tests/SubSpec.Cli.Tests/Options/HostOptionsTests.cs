using SubSpec.Cli.Tests.Support;
using SubSpec.Core.Generation;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Options;

public sealed class HostOptionsTests
{
    [Fact]
    public async Task Every_option_reaches_the_host()
    {
        using var cli = new CliHarness();
        string line = "run --model demo --memory-budget 8MiB --context 512 --rows 128 --ring 4 --link-bandwidth 1.5MB/s --device cpu --threads 3 --cache /c " +
            "--substitute-bits 8 --schedule sequential --draft-depth 20 --draft-width 3 --draft-floor 0.25 --max-tokens 9";
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(line.Split(' ')));

        var shape = new DraftShape(20, 3, 0.25, 61);
        Assert.Equal(
            new HostOptions
            {
                ModelPath = Path.Combine(cli.Folder.Path, "program", "models", "demo"),
                ModelName = "demo",
                IsDemo = true,
                MemoryBudget = 8 << 20,
                Context = 512,
                Rows = 128,
                Ring = 4,
                LinkBandwidth = 1.5e6,
                Device = "cpu",
                Threads = 3,
                CacheFolder = "/c",
                SubstituteBits = 8,
                Schedule = "sequential",
                Shape = shape,
                LargestShape = shape,
            },
            Assert.Single(cli.Hosts.Asked));
    }

    [Fact]
    public async Task Every_sampling_option_reaches_the_request()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("run", "--prompt", "a", "--max-tokens", "9", "--temperature", "0.8", "--top-p", "0.9", "--top-k", "40", "--min-p", "0.05", "--seed", "18446744073709551615", "--stop", "x", "--stop", "y z");

        GenerationRequest request = Assert.Single(cli.Hosts.Requests);
        Assert.Equal(new Prompt.Text("a"), request.Prompt);
        Assert.Equal((0.8, 0.9, 40, 0.05, ulong.MaxValue), (request.Sampling.Temperature, request.Sampling.TopP, request.Sampling.TopK, request.Sampling.MinP, request.Sampling.Seed));
        Assert.Equal(9, request.MaxTokens);
        Assert.Equal(new[] { "x", "y z" }, request.Stop);
    }

    [Theory]
    [InlineData("run --prompt a", 0.7, 0.8, 20, 1.05)]
    [InlineData("run --prompt a --temperature 0 --top-k 0 --repetition-penalty 1", 0, 0.8, 0, 1)]
    [InlineData("run --prompt a --top-p 0.5", 0.7, 0.5, 20, 1.05)]
    [InlineData("bench --prompt a", 0, 1, 0, 1)]
    public async Task The_models_own_sampling_is_the_default_and_every_option_overrides_it(string line, double temperature, double topP, int topK, double repetition)
    {
        using var cli = new CliHarness();
        cli.Hosts.Defaults = new GenerationDefaults(0.7, 0.8, 20, null, 1.05);
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(line.Split(' ')));
        Assert.All(cli.Hosts.Requests, r => Assert.Equal((temperature, topP, topK, repetition, 0), (r.Sampling.Temperature, r.Sampling.TopP, r.Sampling.TopK, r.Sampling.RepetitionPenalty, r.Sampling.MinP)));
        Assert.NotEmpty(cli.Hosts.Requests);
    }

    [Theory]
    [InlineData("run", 64, DraftDefaults.Width, 129)]
    [InlineData("run --schedule prefetch", DraftDefaults.Depth, DraftDefaults.Width, 65)]
    [InlineData("run --draft-depth 100", 100, DraftDefaults.Width, 201)]
    [InlineData("run --rows 40", 39, DraftDefaults.Width, 40)]
    [InlineData("run --schedule prefetch --set prefetch.depth=5 --draft-depth 9", 5, DraftDefaults.Width, 11)]
    [InlineData("run --schedule prefetch --set prefetch.width=4 --set prefetch.max-nodes=33", DraftDefaults.Depth, 4, 33)]
    [InlineData("run --method autoregressive", 0, 1, 1)]
    [InlineData("run --draft-depth 0", 0, 1, 1)]
    public async Task Draft_shapes_have_defaults_and_overrides(string line, int depth, int width, int nodes)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(line.Split(' ')));

        HostOptions options = Assert.Single(cli.Hosts.Asked)!;
        Assert.Equal((depth, width, nodes), (options.Shape.Depth, options.Shape.Width, options.Shape.MaxNodes));
        Assert.Equal(depth > 0, options.Drafts);
        Assert.Equal("", cli.Error.Split('\n')[0]);
    }

    [Theory]
    [InlineData("run --method autoregressive --draft-depth 3", "warning: --draft-depth has no effect")]
    [InlineData("run --set sequential.depth=3", "warning: --set sequential.depth has no effect")]
    public async Task Options_without_effect_are_named(string line, string warning)
    {
        using var cli = new CliHarness();
        Assert.Equal(ExitCodes.Done, await cli.RunAsync(line.Split(' ')));
        Assert.StartsWith(warning, cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_benchmark_asks_for_the_bounds_of_all_its_shapes_and_sessions()
    {
        using var cli = new CliHarness();
        await cli.RunAsync("bench", "--schedules", "sequential,prefetch", "--set", "prefetch.depth=50", "--set", "sequential.width=8", "--sessions", "1,4", "--prompt", "a");

        HostOptions options = Assert.Single(cli.Hosts.Asked)!;
        Assert.Equal((50, 8, 4), (options.LargestShape.Depth, options.LargestShape.Width, options.Sessions));
        Assert.True(options.Drafts);
        Assert.Equal(DraftShape.None, options.Shape);
    }
}
