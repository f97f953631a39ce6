using System.Runtime.CompilerServices;
using SubSpec.Cli.Tests.Support;
using SubSpec.Server;

namespace SubSpec.Cli.Tests.Serve;

/// <summary>Options from command line, environment and file, and how the service begins and ends.</summary>
public sealed class ServeCommandTests : IDisposable
{
    private readonly CliHarness _cli = new();

    public ServeCommandTests() => _cli.Hosts.WhileLoading = () => _cli.Interrupts.Press();

    public void Dispose() => _cli.Dispose();

    [Fact]
    public async Task It_says_where_it_listens_and_how_to_ask_and_ends_when_interrupted()
    {
        Assert.Equal(ExitCodes.Interrupted, await ServeAsync());
        Assert.Matches(@"listening on http://127\.0\.0\.1:\d+ \(demo, schedule adaptive, 4 at once\)", _cli.Out);
        Assert.Matches(@"curl http://127\.0\.0\.1:\d+/v1/chat/completions ", _cli.Out);
        Assert.EndsWith("subspec serve: interrupted\n", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_model_gets_as_many_sessions_and_places_as_were_asked_for()
    {
        await ServeAsync("--max-sessions", "7", "--queue", "5", "--schedule", "prefetch");
        HostOptions options = _cli.Hosts.Asked.Single()!;
        Assert.Equal((7, 5 + 7, "prefetch"), (options.Sessions, options.Waiting, options.Schedule));
    }

    [Fact]
    public async Task The_command_line_is_stronger_than_the_environment_and_that_than_the_file()
    {
        _cli.Folder.Add("appsettings.json", """{"SubSpec": {"MaxSessions": 2, "Queue": 2, "Rows": 64, /* a comment */ "Set": ["adaptive.depth=8"]}}""");
        _cli.Variables["SUBSPEC_QUEUE"] = "3";
        _cli.Variables["SUBSPEC_MAX_SESSIONS"] = "3";
        await ServeAsync("--max-sessions", "4");
        HostOptions options = _cli.Hosts.Asked.Single()!;
        Assert.Equal((4, 3 + 4, 64, 8), (options.Sessions, options.Waiting, options.Rows, options.Shape.Depth));
    }

    [Fact]
    public async Task A_file_may_be_named()
    {
        string file = _cli.Folder.Add("elsewhere/mine.json", """{"SubSpec": {"MaxSessions": 6}}""");
        await ServeAsync("--config", file);
        Assert.Equal(6, _cli.Hosts.Asked.Single()!.Sessions);
    }

    [Fact]
    public async Task The_example_of_settings_can_be_used_as_it_is()
    {
        Assert.Equal(ExitCodes.Interrupted, await ServeAsync("--config", Path.Combine(Repository(), "config", "serve", "appsettings.json")));
        HostOptions options = _cli.Hosts.Asked.Single()!;
        Assert.Equal((4, 32 + 4, "adaptive"), (options.Sessions, options.Waiting, options.Schedule));
    }

    [Theory]
    [InlineData("""{"SubSpec": {"MaxSesions": 2}}""", "SubSpec:MaxSesions is not a setting: did you mean 'MaxSessions'?")]
    [InlineData("""{"SubSpec": {"Config": "x"}}""", "SubSpec:Config is not a setting")]
    [InlineData("""{"Subspecs": {}, "Other": 5}""", "settings stand in the section 'SubSpec'")]
    [InlineData("""{"SubSpec": {"MaxSessions": "many"}}""", "SubSpec:MaxSessions: --max-sessions 'many' is not valid")]
    [InlineData("""{"SubSpec": {"Schedule": {"a": {"b": 1}}}}""", "SubSpec:Schedule is neither a value nor a list")]
    [InlineData("{", "cannot be read")]
    public async Task A_file_that_cannot_be_used_is_named_with_what_is_wrong_in_it(string content, string message)
    {
        string file = _cli.Folder.Add("appsettings.json", content);
        Assert.Equal(ExitCodes.BadInput, await ServeAsync());
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
        Assert.Contains(file, _cli.Error, StringComparison.Ordinal);
        Assert.Empty(_cli.Hosts.Asked);
    }

    [Fact]
    public async Task A_variable_that_is_not_known_is_refused_with_the_one_that_was_meant()
    {
        _cli.Variables["SUBSPEC_API_KEYS"] = "x";
        Assert.Equal(ExitCodes.BadInput, await ServeAsync());
        Assert.Contains("SUBSPEC_API_KEYS is not a setting: did you mean 'ApiKey'?", _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_variable_of_the_cache_keeps_its_meaning()
    {
        _cli.Variables["SUBSPEC_CACHE"] = "/somewhere";
        Assert.Equal(ExitCodes.Interrupted, await ServeAsync());
        Assert.Null(_cli.Hosts.Asked.Single()!.CacheFolder);
    }

    [Theory]
    [InlineData("http://0.0.0.0:0", "--api-key")]
    [InlineData("nonsense", "--urls 'nonsense' is no address")]
    public async Task An_address_that_is_not_safe_or_none_is_refused(string url, string message)
    {
        Assert.Equal(ExitCodes.BadInput, await _cli.RunAsync("serve", "--urls", url));
        Assert.Contains(message, _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_from_the_environment_opens_it_to_others()
    {
        _cli.Variables["SUBSPEC_API_KEY"] = "secret";
        Assert.Equal(ExitCodes.Interrupted, await _cli.RunAsync("serve", "--urls", "http://0.0.0.0:0"));
        Assert.DoesNotContain("secret", _cli.Out + _cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_ends_it_with_one_line()
    {
        _cli.Hosts.WhileLoading = null;
        _cli.Hosts.StartError = new Core.BadInputException("the budget holds nothing");
        Assert.Equal(ExitCodes.BadInput, await ServeAsync());
        Assert.EndsWith("subspec serve: the budget holds nothing\n", _cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--max-sessions", "0")]
    [InlineData("--queue", "-1")]
    [InlineData("--idle-unload", "0")]
    [InlineData("--idle-unload", "43201")]
    [InlineData("--log", "xml")]
    [InlineData("--allow-origin", "example.org")]
    [InlineData("--allow-host", "example.org:80")]
    [InlineData("--config", "/does/not/exist.json")]
    public async Task An_option_that_cannot_be_used_is_named(string option, string value)
    {
        Assert.Equal(ExitCodes.BadInput, await ServeAsync(option, value));
        Assert.Contains(option, _cli.Error, StringComparison.Ordinal);
    }

    private Task<int> ServeAsync(params string[] more) => _cli.RunAsync(["serve", "--urls", "http://127.0.0.1:0", .. more]);

    private static string Repository([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));
}
