using System.Collections.Immutable;
using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Simulate;
using SubSpec.Core;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary><c>subspec simulate</c>: the schedules on a virtual clock, for a machine that need not be here.</summary>
internal sealed class SimulateCommand : AppCommand
{
    private readonly SimulateOptions _simulate = new();
    private readonly ModelOptions _model = new();
    private readonly DraftOptions _draft = new();

    public SimulateCommand()
        : base("simulate", "Predict schedules on another machine: the same schedule code on a virtual clock. Nothing is loaded.")
    {
        Usage = "--hardware NAME|FILE --shape config.json [options]";
        AddGroup(_simulate.Group);
        AddGroup(_simulate.SweepGroup);
        AddGroup(_model.MemoryGroup);
        AddGroup(_draft.CatalogGroup);
        Examples =
        [
            ("subspec simulate --hardware rtx-4090-pcie4 --shape config.json --memory-budget 8GiB", "every schedule on a card that is not here"),
            ("subspec simulate --hardware rtx-3060-12gb --shape config.json --draft-depth 8,16,32 --draft-width 1,2,4 --schedules prefetch", "which tree would be best?"),
            ("subspec simulate --hardware laptop-nvme --shape config.json --link-bandwidth 1GB/s,3GB/s,7GB/s --sessions 1,4", "would a faster disk help?"),
            ("subspec simulate --hardware this-machine --calibrate result.json > mine.json", "a file of the machine that result.json was measured on"),
        ];
    }

    public override Task<int> ExecuteAsync(ParseResult parsed, CliEnvironment environment)
    {
        SimulateSettings settings = _simulate.Read(parsed, environment);
        ScheduleCatalog catalog = _draft.Schedules(parsed);
        LocatedModel model = Locate(_simulate.Shape(parsed), environment);
        ImmutableArray<Decoding> decodings = Decodings(settings, catalog, _model.Rows(parsed));
        HostOptions options = _model.Read(parsed, model, decodings, settings.Sessions.Max()) with { Schedules = catalog };
        var runner = new SimulationRunner(settings, options, environment.Hosts);
        if (settings.CalibrateFile is { } file)
        {
            environment.Out.WriteLine(BenchCalibration.Fit(settings.Hardware, file, runner.Plan()));
            return Task.FromResult(ExitCodes.Done);
        }
        ImmutableArray<SimulationRow> rows = runner.Run(decodings, environment.Interrupts.Token);
        if (settings.Json) environment.Out.WriteLine(SimulateJson.Write(options.ModelName, settings, rows));
        else SimulationTable.Write(environment, options.ModelName, settings, rows);
        return Task.FromResult(ExitCodes.Done);
    }

    private static ImmutableArray<Decoding> Decodings(SimulateSettings settings, ScheduleCatalog catalog, int rows) =>
    [
        .. (from schedule in settings.Schedules ?? [.. catalog.Names]
            from depth in settings.Depths.IsEmpty ? [null] : settings.Depths.Select(d => (int?)d)
            from width in depth == 0 ? settings.Widths[..1] : settings.Widths
            let shape = catalog.ShapeOf(schedule, new DraftShape(DraftDefaults.Depth, width, settings.Floor, MaxNodes: 0), Depth(depth), rows)
            select new Decoding(shape.Depth == 0 ? Methods.Autoregressive : Methods.SubSpec, schedule, DraftOptions.Fit(shape, rows))).Distinct(),
    ];

    private static ImmutableDictionary<string, double> Depth(int? asked) =>
        asked is { } depth ? ImmutableDictionary<string, double>.Empty.Add(TreeParameters.Depth.Name, depth) : ImmutableDictionary<string, double>.Empty;

    private static LocatedModel Locate(string? shape, CliEnvironment environment)
    {
        try
        {
            return new ModelLocator(environment).Find(shape, configAlone: true);
        }
        catch (BadInputException e)
        {
            throw new BadInputException(e.Message.Replace("--model", "--shape", StringComparison.Ordinal), e);
        }
    }
}
