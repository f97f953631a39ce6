using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Core.Simulation;
using SubSpec.Server;

namespace SubSpec.Cli.Options;

/// <summary>What a simulation varies and what it takes for granted.</summary>
/// <param name="Schedules">Null for all that there are.</param>
/// <param name="Depths">Empty for what each schedule usually drafts.</param>
/// <param name="LinkBandwidths">Bytes a second; null for the hardware's own.</param>
/// <param name="Answers">Null for all that are recorded, or a usual number.</param>
/// <param name="PromptTokens">Null for as many as were recorded, or a usual number.</param>
/// <param name="MaxTokens">As <paramref name="PromptTokens"/>.</param>
internal sealed record SimulateSettings(
    HardwareProfile Hardware,
    AcceptanceModel Acceptance,
    string[]? Schedules,
    ImmutableArray<int> Depths,
    ImmutableArray<int> Widths,
    ImmutableArray<double?> LinkBandwidths,
    ImmutableArray<int> Sessions,
    double Floor,
    int? Answers,
    int? PromptTokens,
    int? MaxTokens,
    ulong Seed,
    string? CalibrateFile,
    bool Json)
{
    private const int UsualAnswers = 32, UsualPromptTokens = 64, UsualMaxTokens = 128;

    /// <summary>What is generated: the recorded answers, or made-up ones, as far as nothing else was asked for.</summary>
    public ImmutableArray<SimulatedAnswer> ToGenerate()
    {
        RecordedAnswers? recorded = Acceptance.Recorded;
        return [.. Enumerable.Range(0, Answers ?? recorded?.Answers.Length ?? UsualAnswers).Select(Answer)];

        SimulatedAnswer Answer(int i)
        {
            RecordedAnswer? real = recorded?.Answers[i % recorded.Answers.Length];
            int asked = MaxTokens ?? recorded?.MaxTokens ?? UsualMaxTokens;
            return new SimulatedAnswer(PromptTokens ?? real?.PromptTokens ?? UsualPromptTokens, MaxTokens ?? real?.Tokens ?? asked, asked);
        }
    }
}

/// <summary>The options of a simulation besides the model's.</summary>
internal sealed class SimulateOptions
{
    private readonly Option<string?> _hardware = Typed.Text("--hardware", "NAME|FILE", "the machine: a file of config/hardware by its name, or one of your own (required)");
    private readonly Option<string?> _shape = Typed.Text("--shape", "FILE", "the model: a config.json or its folder; no weights needed (default: the embedded demo)");
    private readonly Option<string?> _acceptance = Typed.Text(
        "--acceptance", "P|FILE", $"how often the draft's first choice is right, or a result of bench --json, whose answers are then decoded again (default {AcceptanceModel.Default.FirstChoice.ToString(CultureInfo.InvariantCulture)})");

    private readonly Option<string[]?> _schedules = Typed.Names("--schedules", "schedules to simulate (default: all)", _ => { });
    private readonly Option<string[]?> _depths = Numbers("--draft-depth", 0, (int)TreeParameters.Depth.Most, $"most tokens drafted ahead (default {DraftDefaults.Depth}; adaptive has its own); 0 decodes plainly");
    private readonly Option<string[]?> _widths = Numbers("--draft-width", 1, (int)TreeParameters.Width.Most, $"most alternatives at one depth (default {DraftDefaults.Width})");
    private readonly Option<string[]?> _links = Typed.Names("--link-bandwidth", "rates instead of the hardware's, for example 400MB/s,1GB/s", text => ModelOptions.ParseRate(text));
    private readonly Option<string[]?> _sessions = Numbers("--sessions", 1, 64, "answers generated at once (default 1)");
    private readonly Option<double?> _floor = Typed.Real("--draft-floor", "P", $"do not draft what is less likely to be reached (default {DraftDefaults.Floor})");
    private readonly Option<int?> _answers = Typed.Whole("--answers", 1, 10_000, "answers to simulate (default: those of --acceptance FILE, else 32)");
    private readonly Option<int?> _prompt = Typed.Whole("--prompt-tokens", 1, 1 << 20, "tokens of a prompt (default: as recorded, else 64)");
    private readonly Option<int?> _tokens = Typed.Whole("--max-tokens", 2, 1 << 20, "tokens of an answer (default: as recorded, else 128)");
    private readonly Option<int?> _seed = Typed.Whole("--seed", 0, int.MaxValue, "of the texts: the same gives the same figures (default 1)");
    private readonly Option<string?> _calibrate = Typed.Text("--calibrate", "RESULT.json", "instead of simulating, print --hardware with rates fitted to a result of bench --json, measured with --shape");
    private readonly Option<bool> _json = Typed.Flag("--json", "print one JSON object");

    public OptionGroup Group => new("Simulation", [_hardware, _shape, _acceptance, _answers, _prompt, _tokens, _seed, _calibrate, _json]);

    public OptionGroup SweepGroup => new("What to compare: lists separated by commas, every combination is a row", [_schedules, _depths, _widths, _links, _sessions, _floor]);

    public string? Shape(ParseResult parsed) => parsed.GetValue(_shape);

    /// <exception cref="BadInputException">A file cannot be used.</exception>
    public SimulateSettings Read(ParseResult parsed, CliEnvironment environment)
    {
        double floor = parsed.GetValue(_floor) ?? DraftDefaults.Floor;
        if (floor is < 0 or >= 1) throw new BadInputException($"--draft-floor {floor.ToString(CultureInfo.InvariantCulture)} is not valid: give a number from 0 to below 1");
        return new SimulateSettings(
            Hardware(parsed.GetValue(_hardware), environment),
            Acceptance(parsed.GetValue(_acceptance)),
            Given(parsed, _schedules),
            Whole(parsed, _depths),
            OrOne(Whole(parsed, _widths), DraftDefaults.Width),
            Given(parsed, _links) is { } links ? [.. links.Select(ModelOptions.ParseRate)] : [null],
            OrOne(Whole(parsed, _sessions), 1),
            floor,
            parsed.GetValue(_answers),
            parsed.GetValue(_prompt),
            parsed.GetValue(_tokens),
            (ulong)(parsed.GetValue(_seed) ?? 1),
            parsed.GetValue(_calibrate),
            parsed.GetValue(_json));
    }

    private static HardwareProfile Hardware(string? name, CliEnvironment environment)
    {
        string folder = Path.Combine(environment.ProgramFolder, "hardware");
        string known = Directory.Exists(folder) ? string.Join(", ", Directory.GetFiles(folder, "*.json").Select(Path.GetFileNameWithoutExtension).Order()) : "";
        if (name is null) throw new BadInputException($"--hardware is missing: give a file, or one of {known}");
        string file = Path.Combine(folder, name + ".json");
        if (!File.Exists(file)) file = name;
        if (!File.Exists(file)) throw new BadInputException($"--hardware '{name}' does not exist: give a file, or one of {known}");
        return HardwareFile.Parse(PromptOptions.ReadFile(file), file);
    }

    private static AcceptanceModel Acceptance(string? text)
    {
        if (text is null) return AcceptanceModel.Default;
        if (Typed.Number(text) is not { } first) return AcceptanceFile.Parse(PromptOptions.ReadFile(text), text);
        return first is > 0 and <= 1
            ? new AcceptanceModel(first)
            : throw new BadInputException($"--acceptance {text} is not valid: give a probability above 0 and at most 1, or a file");
    }

    private static Option<string[]?> Numbers(string name, int least, int most, string description) => Typed.Names(name, description, text =>
    {
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int value) || value < least || value > most)
            throw new BadInputException($"{name} '{text}' is not valid: give whole numbers from {least} to {most}, separated by commas");
    });

    private static ImmutableArray<int> Whole(ParseResult parsed, Option<string[]?> option) =>
        [.. (Given(parsed, option) ?? []).Select(text => int.Parse(text, CultureInfo.InvariantCulture))];

    private static ImmutableArray<int> OrOne(ImmutableArray<int> given, int absent) => given.IsEmpty ? [absent] : given;

    private static string[]? Given(ParseResult parsed, Option<string[]?> option) => parsed.GetValue(option) is { Length: > 0 } names ? names : null;
}
