using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec inspect</c>: what a checkpoint holds.</summary>
internal sealed class InspectCommand : AppCommand
{
    private readonly Option<string?> _model = ModelOptions.ModelOption("DIR|config.json|org/name");
    private readonly Option<bool> _json = Typed.Flag("--json", "print one JSON object");

    public InspectCommand()
        : base("inspect", "Show what a checkpoint holds: architecture, shapes and sizes.")
    {
        Usage = "--model DIR|config.json [--json]";
        AddGroup(new OptionGroup("Options", [_model, _json]));
        Examples = [("subspec inspect", "the embedded demo model"), ("subspec inspect --model DIR --json", "for a script")];
    }

    public override Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        LocatedModel model = new ModelLocator(environment).Find(parsed.GetValue(_model), configAlone: true);
        ModelDescription description = environment.Hosts.Inspect(model.Path);
        if (parsed.GetValue(_json)) environment.Out.WriteLine(ReportJson.Write(model.Name, description));
        else InspectTable.Write(environment, model.Name, description);
        return Task.FromResult(ExitCodes.Done);
    }
}
