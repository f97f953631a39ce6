using System.Text.Json;
using SubSpec.Cli.Tests.Options;
using SubSpec.Cli.Tests.Support;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Smoke;

/// <summary>Every command on the real service with the embedded demo model.</summary>
public sealed class EmbeddedDemoTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Interrupts _interrupts = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _folder.Dispose();
        _interrupts.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--max-tokens 24 --temperature 0")]
    [InlineData("--max-tokens 24 --temperature 0.8 --top-p 0.9 --seed 3")]
    public async Task Says_the_same_as_plain_decoding(string options)
    {
        JsonElement drafted = await RunJsonAsync(["run", .. options.Split(' ')]);
        JsonElement plain = await RunJsonAsync(["run", "--method", "autoregressive", .. options.Split(' ')]);
        Assert.Equal(Tokens(plain), Tokens(drafted));
        Assert.Equal(plain.GetProperty("text").GetString(), drafted.GetProperty("text").GetString());
    }

    // There is no hundredth device anywhere, and where there is no first one, or no libtorch for it, that is said instead.
    [Theory]
    [InlineData("run --device cuda:99 --prompt hello")]
    [InlineData("chat --device cuda:99")]
    [InlineData("bench --device cuda:99")]
    [InlineData("serve --device cuda:99 --urls http://127.0.0.1:0")]
    public async Task A_device_that_is_not_there_is_bad_input_in_one_line(string line)
    {
        int code = await App.RunAsync(line.Split(' '), Environment(new StringWriter(), ""));

        Assert.Equal(ExitCodes.BadInput, code);
        string said = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries)[^1];
        Assert.Matches(@"^subspec \w+: --device cuda:99: \S", said);
    }

    [Fact]
    public async Task Answers_in_a_conversation()
    {
        var output = new StringWriter();
        int code = await App.RunAsync(["chat", "--max-tokens", "16", "--cache", _folder.Path], Environment(output, "Tell me a story about Max and a dog.\n/stats\n"));
        Assert.Equal("", code == ExitCodes.Done ? "" : _error.ToString());
        Assert.Contains("tokens/s", _error.ToString(), StringComparison.Ordinal);
        Assert.InRange(output.ToString().Trim().Length, 10, 1000);
    }

    [Fact]
    public async Task A_benchmark_finds_the_tokens_identical()
    {
        var output = new StringWriter();
        int code = await App.RunAsync(
            [
                "bench", "--prompt", "Once upon a time", "--max-tokens", "24", "--sessions", "1,2", "--schedule-assembly", ScheduleAssemblyTests.Example,
                "--schedules", "sequential,prefetch,shared,interleave,deeper-alone", "--cache", _folder.Path,
            ],
            Environment(output));
        Assert.Equal("", code == ExitCodes.Done ? "" : _error.ToString());
        Assert.Contains("identical: yes", output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("plan")]
    [InlineData("inspect")]
    [InlineData("doctor")]
    public async Task Reports_are_objects(string command)
    {
        JsonElement report = await JsonAsync(command, "--json");
        Assert.Equal(JsonValueKind.Object, report.ValueKind);
    }

    [Fact]
    public async Task A_budget_that_cannot_hold_the_model_is_refused_with_one_that_can()
    {
        Assert.Equal(ExitCodes.BadInput, await App.RunAsync(["run", "--memory-budget", "1MiB", "--cache", _folder.Path], Environment(new StringWriter())));
        Assert.Matches(@"^subspec run: a memory budget of 1MiB cannot hold this model[^\n]*give at least [^\n]*\n\z", _error.ToString());
    }

    private Task<JsonElement> RunJsonAsync(params string[] arguments) => JsonAsync([.. arguments, "--json", "--cache", _folder.Path]);

    private async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var output = new StringWriter();
        int code = await App.RunAsync(arguments, Environment(output));
        Assert.Equal("", code == ExitCodes.Done ? "" : _error.ToString());
        return JsonDocument.Parse(output.ToString()).RootElement;
    }

    private static IEnumerable<int> Tokens(JsonElement run) => run.GetProperty("token_ids").EnumerateArray().Select(t => t.GetInt32());

    private CliEnvironment Environment(StringWriter output, string input = "") => ConsoleEnvironment.Create(new InferenceHostFactory()) with
    {
        Out = output,
        Error = _error,
        In = new StringReader(input),
        InIsTerminal = false,
        OutIsTerminal = false,
        ErrorIsTerminal = false,
        Interrupts = _interrupts,
    };
}
