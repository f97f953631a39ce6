using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Core;
using SubSpec.Server.Http;

namespace SubSpec.Cli.Serve;

/// <summary>How to serve.</summary>
internal sealed class ServiceArguments
{
    private const int DefaultSessions = 4;
    private static readonly ServeOptions Defaults = new();

    private readonly Option<string[]> _urls = Typed.Texts("--urls", "URL", $"where to listen; may be repeated (default {ServeOptions.DefaultUrl}); other than this machine's own needs --api-key");
    private readonly Option<string[]> _keys = Typed.Texts("--api-key", "KEY", "answer only those who present it; may be repeated; sessions and cached prompts of one key are not another's");
    private readonly Option<int?> _sessions = Typed.Whole("--max-sessions", 1, 256, $"answers that are generated at once (default {DefaultSessions}); the KV cache has room for each");
    private readonly Option<int?> _queue = Typed.Whole("--queue", 0, 4096, $"answers that may wait for others; more are refused with 429 (default {Defaults.Queue})");
    private readonly Option<int?> _idle = Typed.Whole("--idle-unload", 1, (int)ServeOptions.LongestIdle.TotalMinutes, "minutes without a request after which the model is unloaded; the next one loads it again (default: never)");
    private readonly Option<int?> _drain = Typed.Whole("--drain", 0, 100_000, $"seconds that requests get to end in when the service stops (default {Defaults.Drain.TotalSeconds})");
    private readonly Option<string[]> _hosts = Typed.Texts("--allow-host", "NAME", "answer to this name too, besides localhost and addresses; may be repeated");
    private readonly Option<string[]> _origins = Typed.Texts("--allow-origin", "ORIGIN", "let pages of this site call the service, as https://example.org; may be repeated");
    private readonly Option<string?> _log = Typed.Parsed<string?>("--log", "text|json", "how the log on standard error is written (default text)", text =>
        text is "text" or "json" ? text : throw new BadInputException($"--log '{text}' is not valid: give text or json"));

    public OptionGroup Group => new("Service", [_urls, _keys, _sessions, _queue, _idle, _drain]);

    public OptionGroup SafetyGroup => new("Web pages and log", [_hosts, _origins, _log]);

    public int Sessions(ParseResult parsed) => parsed.GetValue(_sessions) ?? DefaultSessions;

    public ServeOptions Read(ParseResult parsed) => new()
    {
        Urls = parsed.GetValue(_urls) is { Length: > 0 } urls ? [.. urls.SelectMany(u => u.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))] : Defaults.Urls,
        ApiKeys = [.. parsed.GetValue(_keys) ?? []],
        Queue = parsed.GetValue(_queue) ?? Defaults.Queue,
        IdleUnload = parsed.GetValue(_idle) is { } minutes ? TimeSpan.FromMinutes(minutes) : null,
        Drain = parsed.GetValue(_drain) is { } seconds ? TimeSpan.FromSeconds(seconds) : Defaults.Drain,
        AllowedHosts = [.. parsed.GetValue(_hosts) ?? []],
        AllowedOrigins = [.. parsed.GetValue(_origins) ?? []],
        JsonLog = parsed.GetValue(_log) == "json",
    };
}
