using System.Collections.Immutable;
using System.CommandLine;
using SubSpec.Cli.Bench;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Cli.Report;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Core.Timeline;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec bench</c>: methods and schedules against each other on the same prompts.</summary>
internal sealed class BenchCommand : AppCommand
{
    private readonly ModelOptions _model = new();
    private readonly PromptOptions _prompt = new();
    private readonly SamplingArguments _sampling = new(defaultMaxTokens: 128);
    private readonly DraftOptions _draft = new();
    private readonly BenchOptions _bench = new();
    private readonly Option<string?> _trace = Tracing.Option();

    public BenchCommand()
        : base("bench", "Measure methods and schedules against each other on the same prompts, and check that their tokens are the same.")
    {
        Arguments.Add(_prompt.Dash);
        AddGroup(_bench.Group);
        AddGroup(_prompt.Group);
        AddGroup(_sampling.Group);
        AddGroup(_draft.Group);
        AddGroup(_model.ModelGroup);
        AddGroup(_model.MachineGroup);
        AddGroup(new OptionGroup("Output", [_trace]));
        Examples =
        [
            ("subspec bench", "the embedded demo model: subspec against plain offloading"),
            ("subspec bench --schedules sequential,prefetch --repeat 5 --json result.json", "schedules against each other"),
            ("subspec bench --methods subspec --schedules sequential,adaptive --depths 16,24,32,48", "adaptive against a fixed depth at its best"),
            ("subspec bench --model DIR --memory-budget 8GiB --prompts mt_bench.jsonl --chat --max-tokens 256", "MT-Bench questions, as the paper has them"),
            ("subspec bench --schedules sequential,prefetch --report bench.html", "a page with speed-ups, timelines and where time went"),
            ("subspec bench --methods subspec --draft-depth 24 --draft-width 1", "a chain instead of a tree"),
        ];
    }

    /// <returns>Failed when two ways to decode chose different tokens.</returns>
    public override async Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        ulong seed = _sampling.Seed(parsed) ?? environment.NewSeed();
        // Greedy where nothing else is asked for, whatever the model's makers prefer: figures are compared between models.
        GenerationRequest request = _sampling.Read(parsed, GenerationDefaults.None, seed);
        BenchSettings settings = _bench.Read(parsed);
        ScheduleCatalog schedules = _draft.Schedules(parsed);
        ImmutableArray<Decoding> decodings = _draft.Read(
            parsed, schedules, _model.Rows(parsed), settings.Methods ?? _bench.DefaultMethods(_draft, parsed), settings.Schedules, settings.Depths);
        HostOptions options = _model.Read(parsed, environment, decodings, settings.Sessions.Max()) with { Schedules = schedules };
        var plan = new BenchPlan(
            [.. Prompts(parsed, environment, settings).Select((text, i) => Request(parsed, request, text, i))],
            [.. from sessions in settings.Sessions from decoding in decodings select new BenchCase(decoding, sessions)],
            settings.Repeat,
            settings.AutoregressiveTokens,
            seed);
        HostStarter.Warn(environment, _draft.Warnings(parsed, decodings));

        using OutputFile? page = settings.ReportFile is { } file ? OutputFile.Open("--report", file) : null;
        using var tracing = Tracing.Open(parsed.GetValue(_trace), always: page is not null);
        BenchReport report;
        try
        {
            report = await MeasureAsync(options with { Timeline = tracing.Timeline }, plan, environment);
        }
        finally
        {
            tracing.Save(environment);
        }
        BenchTable.Write(environment, report);
        page?.Write(stream => BenchPage.Write(stream, report, tracing.Log!));
        if (settings.JsonFile is { } json) await File.WriteAllTextAsync(json, BenchJson.Write(report), environment.Interrupts.Token);
        return report.Identity.Identical == false ? ExitCodes.Failed : ExitCodes.Done;
    }

    private static async Task<BenchReport> MeasureAsync(HostOptions options, BenchPlan plan, CliEnvironment environment)
    {
        CancellationToken cancel = environment.Interrupts.Token;
        await using IInferenceHost host = await HostStarter.StartAsync(environment, options, cancel);
        ImmutableArray<BenchSample> samples = await MeasureAsync(host, plan, options.Timeline, environment, cancel);
        return new BenchReport(plan, host.Info, samples, BenchRow.Of(plan, samples, host.Info.LinkBandwidth), Identity.Of(samples), host.PeakFastTierBytes);
    }

    private static async Task<ImmutableArray<BenchSample>> MeasureAsync(
        IInferenceHost host, BenchPlan plan, ITimeline timeline, CliEnvironment environment, CancellationToken cancel)
    {
        var line = new StatusLine(environment.Error, environment.ErrorIsTerminal, environment.Width);
        try
        {
            return await new BenchRunner(host, plan, line, timeline).RunAsync(cancel);
        }
        finally
        {
            line.Clear();
        }
    }

    private ImmutableArray<string> Prompts(ParseResult parsed, CliEnvironment environment, BenchSettings settings)
    {
        string? single = _prompt.Read(parsed, environment);
        if (single is not null && settings.PromptsFile is not null) throw new BadInputException("more than one source of prompts: give --prompts, or a single prompt");
        if (settings.PromptsFile is { } file) return BenchPrompt.ReadFile(file);
        return single is null ? StoryPrompts.All : [single];
    }

    private GenerationRequest Request(ParseResult parsed, GenerationRequest request, string text, int index) => request with
    {
        Prompt = _prompt.Wrap(parsed, text),
        Sampling = request.Sampling with { Seed = unchecked(request.Sampling.Seed + (ulong)index) },
    };
}
