using System.Globalization;
using SubSpec.Core;

namespace SubSpec.GpuCheck;

/// <summary>The command line.</summary>
/// <param name="Device">Index of the CUDA device.</param>
/// <param name="WorkFolder">Where the model is grown and substitutes are kept.</param>
/// <param name="Minutes">No step is begun when these are over.</param>
/// <param name="IsSmall">Grows models of 1.2 billion parameters instead of the 7B and 32B shapes.</param>
internal sealed record CheckOptions(int Device, string WorkFolder, string JsonFile, double Minutes, bool IsSmall)
{
    public const string Usage = """
        Measures the cuda device: bandwidth of the link, the demo against the processor, a model of Qwen2.5-7B's size in 8 GB, and one of
        Qwen2.5-32B's size in 24 GB where the host has the memory for it (92 GB free): its weights are made in memory and never written.

          gpu-check [--device N] [--work DIR] [--json FILE] [--minutes N] [--small]

          --device   index of the CUDA device (default 0)
          --work     folder for the grown model (15 GB) and its substitutes (default: a new one for temporary files; stays)
          --json     where all figures go (default gpu-check.json)
          --minutes  begins no further step after these (default 8)
          --small    models of 1.2 billion parameters instead

        Another model that lies in no file is measured by any command of subspec:

          gpu-check grown-bench --model DIR --out DIR [options of grow-model] -- bench --device cuda [options of subspec]

          --model    folder of the small model that is enlarged
          --out      folder that gets its config.json and tokenizer
        """;

    /// <exception cref="BadInputException">An unknown option, or a value that is none.</exception>
    public static CheckOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new CheckOptions(0, "", Path.GetFullPath("gpu-check.json"), 8, IsSmall: false);
        for (int i = 0; i < arguments.Count; i++)
        {
            string name = arguments[i];
            if (name == "--small")
            {
                options = options with { IsSmall = true };
                continue;
            }
            if (name is not ("--device" or "--work" or "--json" or "--minutes")) throw new BadInputException($"unknown option {name}; see --help");
            if (++i == arguments.Count) throw new BadInputException($"{name} needs a value; see --help");
            options = name switch
            {
                "--device" => options with { Device = (int)Number(name, arguments[i], 0, 99) },
                "--work" => options with { WorkFolder = Path.GetFullPath(arguments[i]) },
                "--json" => options with { JsonFile = Path.GetFullPath(arguments[i]) },
                _ => options with { Minutes = Number(name, arguments[i], 0, 600) },
            };
        }
        return options.WorkFolder.Length > 0 ? options : options with { WorkFolder = Directory.CreateTempSubdirectory("gpu-check-").FullName };
    }

    private static double Number(string name, string text, double least, double most) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && value >= least && value <= most
            ? value
            : throw new BadInputException($"{name} {text}: a number from {least} to {most} is expected");
}
