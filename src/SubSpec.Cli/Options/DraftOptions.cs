using System.Collections.Immutable;
using System.CommandLine;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Options;

/// <summary>How to decode: method, schedule and draft tree.</summary>
internal sealed class DraftOptions
{
    public const int MostDepth = 512;

    public const int MostWidth = 64;

    private readonly Option<string?> _method = Typed.Parsed<string?>("--method", "NAME", "subspec (default) or autoregressive: plain offloading, a stream of the weights for every token", text =>
    {
        Methods.Check(text);
        return text;
    });

    private readonly Option<string?> _schedule = Typed.Parsed<string?>(
        "--schedule", "NAME", $"when to draft, stream and verify: {string.Join(", ", ScheduleCatalog.Names)} (default {ScheduleCatalog.Default})", text =>
    {
        ScheduleSetting.CheckSchedule(text);
        return text;
    });

    private readonly Option<string[]> _set = Typed.Texts("--set", "schedule.key=value", "a setting of one schedule: depth, width, floor, max-nodes; may be repeated");
    private readonly Option<int?> _depth = Typed.Whole("--draft-depth", 0, MostDepth, $"most tokens drafted ahead (default {DraftDefaults.Depth}); 0 drafts nothing");
    private readonly Option<int?> _width = Typed.Whole("--draft-width", 1, MostWidth, $"most alternatives at one depth (default {DraftDefaults.Width}); 1 is a chain");
    private readonly Option<double?> _floor = Typed.Parsed<double?>(
        "--draft-floor", "P", $"do not draft what is less likely to be reached (default {DraftDefaults.Floor})", text => ParseFloor($"--draft-floor {text}", text));

    public OptionGroup Group => new("Decoding", [_method, _schedule, _set, _depth, _width, _floor]);

    public static double ParseFloor(string where, string text) =>
        Typed.Number(text) is { } value and >= 0 and < 1
            ? value
            : throw new BadInputException($"{where}: '{text}' is not valid: give a number from 0 to below 1");

    /// <summary>The one way to decode that was asked for.</summary>
    public Decoding Read(ParseResult parsed, int rows) => Read(parsed, rows, null, null)[0];

    /// <summary>Every method under every schedule.</summary>
    /// <param name="methods">Null for the one of <c>--method</c>.</param>
    /// <param name="schedules">Null for the one of <c>--schedule</c>.</param>
    public ImmutableArray<Decoding> Read(ParseResult parsed, int rows, string[]? methods, string[]? schedules)
    {
        methods ??= [parsed.GetValue(_method) ?? Methods.SubSpec];
        schedules ??= [parsed.GetValue(_schedule) ?? ScheduleCatalog.Default];
        ScheduleSetting[] settings = Settings(parsed);
        return
        [
            .. from method in methods
               from schedule in schedules
               select new Decoding(method, schedule, method == Methods.SubSpec ? Shape(parsed, settings.Where(s => s.Schedule == schedule), rows) : DraftShape.None),
        ];
    }

    /// <summary>One line for each option that was given and changes nothing.</summary>
    public IEnumerable<string> Warnings(ParseResult parsed, ImmutableArray<Decoding> decodings)
    {
        if (decodings.All(d => d.Method == Methods.Autoregressive))
        {
            foreach (Option option in new Option[] { _set, _depth, _width, _floor }.Where(option => IsGiven(parsed, option)))
                yield return $"{option.Name} has no effect: method {Methods.Autoregressive} drafts nothing";
            yield break;
        }
        foreach (ScheduleSetting setting in Settings(parsed).Where(s => decodings.All(d => d.Schedule != s.Schedule)))
            yield return $"--set {setting.Schedule}.{setting.Key} has no effect: the schedule in use is {string.Join(", ", decodings.Select(d => d.Schedule).Distinct())}";
    }

    /// <summary>Whether one method was asked for by name.</summary>
    public bool NamesMethod(ParseResult parsed) => IsGiven(parsed, _method);

    private static bool IsGiven(ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private ScheduleSetting[] Settings(ParseResult parsed) => [.. (parsed.GetValue(_set) ?? []).Select(ScheduleSetting.Parse)];

    private DraftShape Shape(ParseResult parsed, IEnumerable<ScheduleSetting> settings, int rows)
    {
        var asked = new DraftShape(
            parsed.GetValue(_depth) ?? DraftDefaults.Depth,
            parsed.GetValue(_width) ?? DraftDefaults.Width,
            parsed.GetValue(_floor) ?? DraftDefaults.Floor,
            MaxNodes: 0);
        DraftShape shape = settings.Aggregate(asked, (s, setting) => setting.Apply(s));
        if (shape.Depth == 0) return DraftShape.None;
        if (shape.MaxNodes == 0) shape = shape with { MaxNodes = Math.Min(rows, DraftDefaults.Nodes(shape.Depth, shape.Width)) };
        if (shape.MaxNodes > rows || shape.Depth >= shape.MaxNodes)
        {
            throw new BadInputException(
                $"a draft of depth {shape.Depth} in {shape.MaxNodes} nodes does not fit a pass of {rows} rows: lower --draft-depth below the nodes, or give more --rows");
        }
        return shape;
    }
}
