using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using SubSpec.Core;
using SubSpec.Core.Schedules;

namespace SubSpec.Cli.Options;

/// <summary>What a benchmark measures.</summary>
/// <param name="Methods">Null when not given.</param>
/// <param name="Schedules">Null when not given.</param>
/// <param name="Depths">Empty when not given.</param>
internal sealed record BenchSettings(
    string? PromptsFile, string[]? Methods, string[]? Schedules, ImmutableArray<int> Depths, ImmutableArray<int> Sessions, int Repeat, int AutoregressiveTokens, string? JsonFile, string? ReportFile);

/// <summary>The options of a benchmark besides those of a run.</summary>
internal sealed class BenchOptions
{
    private readonly Option<string?> _prompts = Typed.Text("--prompts", "FILE.jsonl", "a prompt a line: turns (the first is used), prompt or text (default: 20 beginnings of stories)");
    private readonly Option<string[]?> _methods = Typed.Names("--methods", "methods to compare (default autoregressive,subspec)", Options.Methods.Check);
    private readonly Option<string[]?> _schedules = Typed.Names("--schedules", "schedules to compare (default: that of --schedule)", _ => { });
    private readonly Option<string[]?> _depths = Typed.Names("--depths", "draft depths to compare, for example 16,24,32 (default: that of --draft-depth); adaptive finds its own", text => ParseDepth(text));
    private readonly Option<string[]?> _sessions = Typed.Names("--sessions", "answers generated at once, for example 1,2,4 (default 1)", text => ParseSessions(text));
    private readonly Option<int?> _repeat = Typed.Whole("--repeat", 1, 1000, "measurements of each prompt (default 1)");
    private readonly Option<int?> _tokens = Typed.Whole("--autoregressive-tokens", 2, 1 << 20, "most tokens of an answer by plain decoding, which is slow (default 12)");
    private readonly Option<string?> _json = Typed.Text("--json", "FILE", "also write the results as JSON");
    private readonly Option<string?> _report = Typed.Text("--report", "FILE.html", "also write a page for a browser: speed-ups, timelines, acceptance, where time went");

    public OptionGroup Group => new("Benchmark", [_prompts, _methods, _schedules, _depths, _sessions, _repeat, _tokens, _json, _report]);

    /// <summary>Both methods, unless <c>--method</c> names one (null).</summary>
    public string[]? DefaultMethods(DraftOptions draft, ParseResult parsed) =>
        draft.NamesMethod(parsed) ? null : [Options.Methods.Autoregressive, Options.Methods.SubSpec];

    /// <exception cref="BadInputException">The file to write to cannot be.</exception>
    public BenchSettings Read(ParseResult parsed)
    {
        string? json = parsed.GetValue(_json);
        if (json is not null) CheckWritable(json);
        return new BenchSettings(
            parsed.GetValue(_prompts),
            Given(parsed, _methods),
            Given(parsed, _schedules),
            [.. (Given(parsed, _depths) ?? []).Select(ParseDepth)],
            [.. (Given(parsed, _sessions) ?? ["1"]).Select(ParseSessions)],
            parsed.GetValue(_repeat) ?? 1,
            parsed.GetValue(_tokens) ?? 12,
            json,
            parsed.GetValue(_report));
    }

    private static string[]? Given(ParseResult parsed, Option<string[]?> option) => parsed.GetValue(option) is { Length: > 0 } names ? names : null;

    private static int ParseSessions(string text) => Parse("--sessions", text, 64);

    private static int ParseDepth(string text) => Parse("--depths", text, (int)TreeParameters.Depth.Most);

    private static int Parse(string option, string text, int most) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value >= 1 && value <= most
            ? value
            : throw new BadInputException($"{option} '{text}' is not valid: give whole numbers from 1 to {most}, separated by commas");

    /// <summary>Before the work, not after it.</summary>
    private static void CheckWritable(string file)
    {
        try
        {
            using FileStream stream = File.OpenWrite(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"--json: cannot write {file} ({OneLine.Of(e.Message)}): give a file in a folder that exists and may be written", e);
        }
    }
}
