using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec doctor</c>: what this machine can do, and what would be slow and why.</summary>
internal sealed class DoctorCommand : AppCommand
{
    private readonly Option<string?> _model = Typed.Text("--model", "DIR|org/name", "also probe this model (default: the machine alone)");
    private readonly Option<string?> _device = ModelOptions.DeviceOption("which GPU to examine, and the model on it (default: the first, and the model on the processor)");
    private readonly Option<bool> _json = Typed.Flag("--json", "print one JSON object");

    public DoctorCommand()
        : base("doctor", "Examine this machine: processor, libraries, GPU, link speed, direct I/O, exactness; and say what would be slow and why.")
    {
        Usage = "[--model DIR] [--device cuda[:N]] [--json]";
        AddGroup(new OptionGroup("Options", [_model, _device, _json]));
        Examples =
        [
            ("subspec doctor", "the machine alone"), ("subspec doctor --model DIR", "and a model on it: link speed from its own disk, exactness of its shapes"),
            ("subspec doctor --model DIR --device cuda", "the same on its GPU; fails where that cannot be used"),
        ];
    }

    /// <returns>Failed when something does not work.</returns>
    public override Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        DoctorReport report = environment.Hosts.Doctor(Target(parsed, environment), parsed.GetValue(_device) ?? "cpu", environment.Interrupts.Token);
        if (parsed.GetValue(_json)) environment.Out.WriteLine(ReportJson.Write(report));
        else DoctorTable.Write(environment, report);
        return Task.FromResult(report.Checks.Any(c => c.Verdict == DoctorVerdict.Bad) ? ExitCodes.Failed : ExitCodes.Done);
    }

    private HostOptions? Target(ParseResult parsed, CliEnvironment environment)
    {
        if (parsed.GetValue(_model) is not { } name) return null;
        LocatedModel model = new ModelLocator(environment).Find(name, configAlone: false);
        return new HostOptions
        {
            ModelPath = model.Path,
            ModelName = model.Name,
            Schedule = ScheduleCatalog.Default,
            Shape = DraftDefaults.Shape,
            LargestShape = DraftDefaults.Shape,
        };
    }
}
