using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Core;
using SubSpec.Core.Generation;
using SubSpec.Core.Schedules;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec chat</c>: a conversation, line by line.</summary>
internal sealed class ChatCommand : AppCommand
{
    private readonly ModelOptions _model = new();
    private readonly SamplingArguments _sampling = new(defaultMaxTokens: 512);
    private readonly DraftOptions _draft = new();
    private readonly Option<string?> _trace = Tracing.Option();

    public ChatCommand()
        : base("chat", "Talk with a model. Ctrl-C stops the answer only; /reset forgets, /stats explains the last answer, /exit leaves.")
    {
        AddGroup(_sampling.Group);
        AddGroup(_draft.Group);
        AddGroup(_model.ModelGroup);
        AddGroup(_model.MachineGroup);
        AddGroup(new OptionGroup("Output", [_trace]));
        Examples =
        [
            ("subspec chat", "the embedded demo model tells stories"),
            ("subspec chat --model Qwen/Qwen2.5-7B-Instruct --memory-budget 8GiB", "a model from the Hugging Face cache in 8 GiB"),
        ];
    }

    public override async Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        ulong? seed = _sampling.Seed(parsed);
        ScheduleCatalog schedules = _draft.Schedules(parsed);
        Decoding decoding = _draft.Read(parsed, schedules, _model.Rows(parsed));
        HostOptions options = _model.Read(parsed, environment, [decoding], sessions: 1) with { Schedules = schedules };
        GenerationRequest request = _sampling.Read(parsed, environment.Hosts.GenerationDefaults(options.ModelPath), seed ?? 0);
        HostStarter.Warn(environment, _draft.Warnings(parsed, [decoding]));
        using var tracing = Tracing.Open(parsed.GetValue(_trace));
        try
        {
            await TalkAsync(options with { Timeline = tracing.Timeline }, decoding, request, seed, environment);
        }
        finally
        {
            tracing.Save(environment);
        }
        return ExitCodes.Done;
    }

    private static async Task TalkAsync(HostOptions options, Decoding decoding, GenerationRequest request, ulong? seed, CliEnvironment environment)
    {
        await using IInferenceHost host = await HostStarter.StartAsync(environment, options, environment.Interrupts.Token);
        if (!host.Codec.HasChatTemplate) throw new BadInputException($"{options.ModelName} has no chat template: use subspec run");
        await new ChatLoop(host, decoding, request, seed, environment).RunAsync();
    }
}
