using SubSpec.Cli;
using SubSpec.Core;
using SubSpec.GrowModel;
using SubSpec.Server;

namespace SubSpec.GpuCheck;

/// <summary>A command of subspec on an enlarged model that lies in no file: its weights are made in memory, once for substitutes and once for the slow tier.</summary>
internal static class GrownBench
{
    public const string Name = "grown-bench";

    /// <param name="arguments">Options of grow-model, whose folder gets everything but the weights, then <c>--</c> and a command line of subspec without a model.</param>
    /// <exception cref="BadInputException">No such command line, or no such model can be made.</exception>
    public static int Run(string[] arguments)
    {
        int end = Array.IndexOf(arguments, "--");
        if (end < 0 || end + 1 == arguments.Length) throw new BadInputException($"{Name}: give options of grow-model, then --, then a command of subspec");
        var model = new GrownModel(GrowOptions.Parse(arguments[..end]));
        Directory.CreateDirectory(model.Options.Out);
        // A folder of an earlier run is written again; a model's own is not.
        if (Directory.EnumerateFiles(model.Options.Out, "*.safetensors*").Any()) throw new BadInputException($"{Name}: --out {model.Options.Out}: there are weights in it; give another folder");
        model.WriteFiles(model.Options.Out);
        var hosts = new InferenceHostFactory { Weights = new GrownCheckpoint(model) };
        return App.RunAsync([.. arguments[(end + 1)..], "--model", model.Options.Out], ConsoleEnvironment.Create(hosts)).GetAwaiter().GetResult();
    }
}
