using System.CommandLine;
using System.CommandLine.Parsing;
using System.Runtime.InteropServices;
using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Server;
using SubSpec.Server.Http;

namespace SubSpec.Cli.Serve;

/// <summary><c>subspec serve</c>: the service, until it is told to stop.</summary>
internal sealed class ServeCommand : AppCommand
{
    private readonly ServiceArguments _service = new();
    private readonly ModelOptions _model = new();
    private readonly DraftOptions _draft = new();
    private readonly Option<string?> _config = Typed.Text("--config", "FILE", $"settings, as in config/serve/{ServeSettings.FileName} (default: {ServeSettings.FileName} here, if there is one)");

    public ServeCommand()
        : base("serve", "Serve a model behind OpenAI's API. Ctrl-C or SIGTERM lets requests end, and then stops.")
    {
        AddGroup(_service.Group);
        AddGroup(_service.SafetyGroup);
        AddGroup(_draft.Group);
        AddGroup(_model.ModelGroup);
        AddGroup(_model.MachineGroup);
        AddGroup(new OptionGroup("Settings", [_config]));
        Examples =
        [
            ("subspec serve", $"the embedded demo model on {ServeOptions.DefaultUrl}"),
            ("subspec serve --model Qwen/Qwen2.5-7B-Instruct --memory-budget 8GiB --max-sessions 8", "a model from the Hugging Face cache, eight answers on one stream of its weights"),
            ("SUBSPEC_API_KEY=... subspec serve --urls http://0.0.0.0:8080", "for other machines: a key is required then, best not on the command line"),
            ("subspec serve --config config/serve/appsettings.json --idle-unload 30", "settings from a file; the memory is given back after half an hour without requests"),
        ];
    }

    public override async Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        parsed = Complete(parsed, environment);
        ScheduleCatalog schedules = _draft.Schedules(parsed);
        Decoding decoding = _draft.Read(parsed, schedules, _model.Rows(parsed));
        HostOptions options = _model.Read(parsed, environment, [decoding], _service.Sessions(parsed)) with
        {
            Schedules = schedules,
            AskedOfTrees = _draft.Asked(parsed),
        };
        HostStarter.Warn(environment, _draft.Warnings(parsed, [decoding]));
        await using SubSpecService service = SubSpecService.Create(_service.Read(parsed), options, environment.Hosts);
        return await RunAsync(service, options, environment);
    }

    /// <summary>The command line with what file and environment add.</summary>
    private ParseResult Complete(ParseResult parsed, CliEnvironment environment)
    {
        var settings = ServeSettings.Read(parsed.GetValue(_config), environment, [.. Options.Where(o => o != _config)]);
        string[] added = [.. settings.Arguments(parsed)];
        if (added.Length == 0) return parsed;
        ParseResult all = Parse([.. parsed.Tokens.Where(t => t.Type != TokenType.Command).Select(t => t.Value), .. added], parsed.Configuration);
        if (all.Errors.Count == 0) return all;
        string error = all.Errors[0].Message;
        throw new BadInputException(settings.OriginOf(error) is { } origin ? $"{origin}: {error}" : error);
    }

    private static async Task<int> RunAsync(SubSpecService service, HostOptions options, CliEnvironment environment)
    {
        CancellationToken interrupted = environment.Interrupts.Token;
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenRegistration interrupt = interrupted.Register(() => stop.TrySetResult());
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stop.TrySetResult();
        });
        Task loaded = await service.StartAsync(CancellationToken.None);
        Announce(service.Urls[0], options, environment);
        // A model that cannot be loaded at all ends the service; one that is there is served until somebody says stop.
        if (await Task.WhenAny(loaded, stop.Task) == loaded) await loaded;
        await stop.Task;
        environment.Error.WriteLine("stopping: requests under way may end first");
        await service.StopAsync();
        interrupted.ThrowIfCancellationRequested();
        return ExitCodes.Done;
    }

    private static void Announce(string url, HostOptions options, CliEnvironment environment)
    {
        environment.Out.WriteLine($"listening on {url} ({options.ModelName}, schedule {options.Schedule}, {options.Sessions} at once)");
        environment.Out.WriteLine($$"""curl {{url}}/v1/chat/completions -H 'Content-Type: application/json' -d '{"messages": [{"role": "user", "content": "Tell me a story."}], "max_tokens": 60}'""");
        environment.Out.Flush();
    }
}
