using System.Collections.Immutable;
using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec run</c>: one answer.</summary>
internal sealed class RunCommand : AppCommand
{
    private const string DemoPrompt = "Once upon a time";

    private readonly ModelOptions _model = new();
    private readonly PromptOptions _prompt = new();
    private readonly SamplingArguments _sampling = new(defaultMaxTokens: 256);
    private readonly DraftOptions _draft = new();
    private readonly Option<string?> _trace = Tracing.Option();
    private readonly Option<bool> _json = Typed.Flag("--json", "print one JSON object with text, tokens and statistics instead of the text");

    public RunCommand()
        : base("run", "Generate one answer: text to standard output as it becomes certain, a summary to standard error.")
    {
        Usage = "[--prompt TEXT | --prompt-file FILE | -] [options]";
        Arguments.Add(_prompt.Dash);
        AddGroup(_prompt.Group);
        AddGroup(_sampling.Group);
        AddGroup(_draft.Group);
        AddGroup(_model.ModelGroup);
        AddGroup(_model.MachineGroup);
        AddGroup(new OptionGroup("Output", [_json, _trace]));
        Examples =
        [
            ("subspec run", "a story by the embedded demo model"),
            ("subspec run --chat --prompt \"Tell me a story about Max and a dog.\" --temperature 0.8 --seed 1", "sampled, and repeatable"),
            ("subspec run --model Qwen/Qwen2.5-7B-Instruct --memory-budget 8GiB --prompt-file question.txt", "a model from the Hugging Face cache in 8 GiB"),
            ("subspec run --method autoregressive --link-bandwidth 500MB/s", "plain offloading over a slower link, to compare with"),
            ("cat notes.txt | subspec run - --json | jq .stats", "statistics for a script"),
        ];
    }

    public override async Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        ulong seed = _sampling.Seed(parsed) ?? environment.NewSeed();
        ScheduleCatalog schedules = _draft.Schedules(parsed);
        Decoding decoding = _draft.Read(parsed, schedules, _model.Rows(parsed));
        HostOptions options = _model.Read(parsed, environment, [decoding], sessions: 1) with { Schedules = schedules };
        GenerationRequest request = _sampling.Read(parsed, environment.Hosts.GenerationDefaults(options.ModelPath), seed);
        string? given = _prompt.Read(parsed, environment);
        if (given is null && !options.IsDemo) throw new BadInputException("no prompt: give --prompt TEXT, --prompt-file FILE, or - to read standard input");
        request = request with { Prompt = _prompt.Wrap(parsed, given ?? DemoPrompt) };
        HostStarter.Warn(environment, _draft.Warnings(parsed, [decoding]));

        using var tracing = Tracing.Open(parsed.GetValue(_trace));
        try
        {
            await AnswerAsync(options with { Timeline = tracing.Timeline }, request, decoding, showPrompt: given is null, parsed.GetValue(_json), environment);
        }
        finally
        {
            tracing.Save(environment);
        }
        return ExitCodes.Done;
    }

    private static async Task AnswerAsync(
        HostOptions options, GenerationRequest request, Decoding decoding, bool showPrompt, bool json, CliEnvironment environment)
    {
        CancellationToken cancel = environment.Interrupts.Token;
        await using IInferenceHost host = await HostStarter.StartAsync(environment, options, cancel);
        if (showPrompt && !json && environment.OutIsTerminal) environment.Error.Write(DemoPrompt);
        (Measurement measured, double? firstToken) = await GenerateAsync(host, request, json, environment, cancel);

        var report = new RunReport(measured, decoding, host.Info, firstToken, host.PeakFastTierBytes, environment.PeakRss());
        if (json) environment.Out.WriteLine(RunJson.Write(report));
        else RunSummary.Write(environment.Error, report);
    }

    /// <summary>Also tells how long after the start of the process the first token was there.</summary>
    private static async Task<(Measurement Measured, double? FirstTokenSeconds)> GenerateAsync(
        IInferenceHost host, GenerationRequest request, bool json, CliEnvironment environment, CancellationToken cancel)
    {
        var line = new StatusLine(environment.Error, json && environment.ErrorIsTerminal, environment.Width);
        int tokens = 0;
        double? firstToken = null;
        try
        {
            Measurement measured = await Measurement.TakeAsync(host, [request], places: 1, Show, cancel);
            return (measured, firstToken);
        }
        finally
        {
            line.Clear();
            if (!json && tokens > 0) environment.Out.WriteLine();
            environment.Out.Flush();
        }

        void Show(int index, TextDelta delta)
        {
            firstToken ??= environment.Uptime().TotalSeconds;
            tokens += delta.TokenIds.Length;
            line.Show($"{tokens} tokens");
            if (json) return;
            environment.Out.Write(delta.Text);
            environment.Out.Flush();
        }
    }
}
