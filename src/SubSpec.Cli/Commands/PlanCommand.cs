using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core.Schedules;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec plan</c>: what would go where, before anything is loaded.</summary>
internal sealed class PlanCommand : AppCommand
{
    private readonly ModelOptions _model = new();
    private readonly DraftOptions _draft = new();
    private readonly Option<bool> _json = Typed.Flag("--json", "print one JSON object");

    public PlanCommand()
        : base("plan", "Show what would be offloaded and what the fast memory would hold. Nothing is loaded.")
    {
        Usage = "--model DIR|config.json --memory-budget SIZE [options]";
        AddGroup(_model.ModelGroup);
        AddGroup(_draft.Group);
        AddGroup(_model.MachineGroup);
        AddGroup(new OptionGroup("Output", [_json]));
        Examples =
        [
            ("subspec plan --model DIR --memory-budget 8GiB", "would it fit, and what would a round cost?"),
            ("subspec plan --model config.json --memory-budget 24GiB --context 8192 --json", "for a model that is not even downloaded"),
        ];
    }

    public override Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        ScheduleCatalog schedules = _draft.Schedules(parsed);
        Decoding decoding = _draft.Read(parsed, schedules, _model.Rows(parsed));
        HostOptions options = _model.Read(parsed, environment, [decoding], sessions: 1, configAlone: true) with { Schedules = schedules };
        HostStarter.Warn(environment, _draft.Warnings(parsed, [decoding]));
        PlanReport report = environment.Hosts.Plan(options);
        if (parsed.GetValue(_json)) environment.Out.WriteLine(ReportJson.Write(options.ModelName, report));
        else PlanTable.Write(environment, options.ModelName, report, linkIsAssumed: options.LinkBandwidth is null);
        return Task.FromResult(ExitCodes.Done);
    }
}
