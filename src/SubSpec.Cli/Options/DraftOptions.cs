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
    private readonly Option<string?> _method = Typed.Parsed<string?>("--method", "NAME", "subspec (default) or autoregressive: plain offloading, a stream of the weights for every token", text =>
    {
        Methods.Check(text);
        return text;
    });

    private readonly Option<string?> _schedule = Typed.Text(
        "--schedule", "NAME", $"when to draft, stream and verify: {string.Join(", ", ScheduleCatalog.BuiltIn.Names)} (default {ScheduleCatalog.Default})");

    private readonly Option<string?> _assembly = Typed.Text("--schedule-assembly", "FILE", "an assembly (.dll) with schedules of your own, for --schedule to name");
    private readonly Option<string[]> _set = Typed.Texts("--set", "schedule.key=value", $"a setting of one schedule; may be repeated. {KnownSettings()}");
    private readonly Option<int?> _depth = Typed.Whole("--draft-depth", 0, (int)TreeParameters.Depth.Most, $"most tokens drafted ahead (default {DraftDefaults.Depth}; adaptive has its own); 0 drafts nothing");
    private readonly Option<int?> _width = Typed.Whole("--draft-width", 1, (int)TreeParameters.Width.Most, $"most alternatives at one depth (default {DraftDefaults.Width}); 1 is a chain");
    private readonly Option<double?> _floor = Typed.Parsed<double?>(
        "--draft-floor", "P", $"do not draft what is less likely to be reached (default {DraftDefaults.Floor})", text => ParseFloor($"--draft-floor {text}", text));

    public OptionGroup Group => new("Decoding", [_method, _schedule, _assembly, _set, _depth, _width, _floor]);

    /// <summary>The schedules that there are, and their settings.</summary>
    public OptionGroup CatalogGroup => new("Schedules of your own", [_assembly, _set]);

    private static double ParseFloor(string where, string text) =>
        Typed.Number(text) is { } value and >= 0 and < 1
            ? value
            : throw new BadInputException($"{where}: '{text}' is not valid: give a number from 0 to below 1");

    /// <summary>The schedules that there are, with what <c>--set</c> asks of them. Loads the user's assembly: call it once.</summary>
    public ScheduleCatalog Schedules(ParseResult parsed)
    {
        ScheduleCatalog catalog = ScheduleCatalog.BuiltIn;
        if (parsed.GetValue(_assembly) is { } file) catalog = ScheduleAssembly.AddTo(catalog, file);
        return Settings(parsed).Aggregate(catalog, (all, setting) => setting.ApplyTo(all));
    }

    /// <summary>The one way to decode that was asked for.</summary>
    public Decoding Read(ParseResult parsed, ScheduleCatalog catalog, int rows) => Read(parsed, catalog, rows, null, null, [])[0];

    /// <summary>Every method under every schedule.</summary>
    /// <param name="catalog">Of <see cref="Schedules"/>.</param>
    /// <param name="methods">Null for the one of <c>--method</c>.</param>
    /// <param name="schedules">Null for the one of <c>--schedule</c>.</param>
    /// <param name="depths">Depths of which each schedule drafts every one, unless it has its own; empty for the one of <c>--draft-depth</c>.</param>
    public ImmutableArray<Decoding> Read(ParseResult parsed, ScheduleCatalog catalog, int rows, string[]? methods, string[]? schedules, ImmutableArray<int> depths)
    {
        methods ??= [parsed.GetValue(_method) ?? Methods.SubSpec];
        schedules ??= [parsed.GetValue(_schedule) ?? ScheduleCatalog.Default];
        Decoding[] decodings =
        [
            .. from method in methods
               from schedule in schedules
               from depth in depths.IsEmpty || catalog.HasOwnDepth(schedule) ? [parsed.GetValue(_depth)] : depths.Select(d => (int?)d)
               let shape = catalog.ShapeOf(schedule, DraftDefaults.Shape with { MaxNodes = 0 }, Asked(parsed, depth), rows)
               select new Decoding(method, schedule, method == Methods.SubSpec ? Fit(shape, rows) : DraftShape.None),
        ];
        return [.. decodings.Distinct()];
    }

    /// <summary>What is asked of the trees of all schedules, by parameter.</summary>
    public IReadOnlyDictionary<string, double> Asked(ParseResult parsed) => Asked(parsed, parsed.GetValue(_depth));

    private Dictionary<string, double> Asked(ParseResult parsed, int? depth)
    {
        var asked = new Dictionary<string, double>();
        if (depth is { } d) asked.Add(TreeParameters.Depth.Name, d);
        if (parsed.GetValue(_width) is { } width) asked.Add(TreeParameters.Width.Name, width);
        if (parsed.GetValue(_floor) is { } floor) asked.Add(TreeParameters.Floor.Name, floor);
        return asked;
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

    private static string KnownSettings() =>
        $"Of all: {string.Join(", ", TreeParameters.All.Select(p => p.Name))}" + string.Concat(
            from name in ScheduleCatalog.BuiltIn.Names
            let own = ScheduleCatalog.BuiltIn.OwnParameters(name)
            where own.Count > 0
            select $"; of {name}: {string.Join(", ", own.Select(p => p.Name))}");

    /// <summary>The shape with as many nodes as it can use, where it says nothing about them.</summary>
    /// <exception cref="BadInputException">It does not fit a pass.</exception>
    public static DraftShape Fit(DraftShape shape, int rows)
    {
        if (shape.Depth == 0) return DraftShape.None;
        int useful = DraftDefaults.Nodes(shape.Depth, shape.Width);
        shape = shape with { MaxNodes = shape.MaxNodes == 0 ? Math.Min(rows, useful) : Math.Min(shape.MaxNodes, Math.Max(useful, shape.Depth + 1)) };
        if (shape.MaxNodes > rows || shape.Depth >= shape.MaxNodes)
        {
            throw new BadInputException(
                $"a draft of depth {shape.Depth} in {shape.MaxNodes} nodes does not fit a pass of {rows} rows: lower --draft-depth below the nodes, or give more --rows");
        }
        return shape;
    }
}
