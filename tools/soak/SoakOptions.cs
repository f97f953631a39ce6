using System.Globalization;
using SubSpec.Core;

namespace SubSpec.Soak;

/// <summary>The command line.</summary>
/// <param name="Clients">Clients that ask at once; half of them more than are served at once.</param>
/// <param name="LinkBandwidth">Bytes per second to which the link is slowed down; null for as fast as it goes.</param>
/// <param name="Json">Where the result goes as one JSON object besides; null for standard output.</param>
internal sealed record SoakOptions(double Minutes, int Clients, int Seed, string Model, double? LinkBandwidth, string? Json)
{
    public const string Usage = """
        Serves a model and asks it all sorts of things for a while: whole answers and streams, several choices, stop texts, sessions,
        clients that go away, readers that are slow, bad requests, and one failure of the engine in the middle. Ends with 0 only if every
        good request was answered well, the same question got the same answer each time, and no memory and no KV slot was lost.

          soak [--minutes M] [--clients N] [--seed S] [--model DIR] [--link-bandwidth SIZE/s] [--json FILE]

          --minutes  how long (default 30); 0.1 or more
          --clients  clients at once (default 6), 1 to 16
          --seed     of what they ask (default 1)
          --model    a Hugging Face model folder (default: the demo)
          --link-bandwidth  slow the link down, as 100MB/s (default: as fast as it goes)
          --json     write the result there; else it is the last line of the output
        """;

    /// <exception cref="BadInputException">An unknown option, or a value that is none.</exception>
    public static SoakOptions Parse(IReadOnlyList<string> arguments)
    {
        var options = new SoakOptions(30, 6, 1, Path.Combine(AppContext.BaseDirectory, "models", "demo"), null, null);
        for (int i = 0; i < arguments.Count; i += 2)
        {
            string name = arguments[i], value = i + 1 < arguments.Count ? arguments[i + 1] : throw new BadInputException($"{name} has no value; see --help");
            options = name switch
            {
                "--minutes" => options with { Minutes = Number(name, value, 0.1, 100_000) },
                "--clients" => options with { Clients = (int)Number(name, value, 1, 16) },
                "--seed" => options with { Seed = (int)Number(name, value, 0, int.MaxValue) },
                "--model" => options with { Model = value },
                "--link-bandwidth" => options with { LinkBandwidth = ByteSize.Parse(value.EndsWith("/s", StringComparison.Ordinal) ? value[..^2] : value, name) },
                "--json" => options with { Json = value },
                _ => throw new BadInputException($"unknown option '{name}'; see --help"),
            };
        }
        return File.Exists(Path.Combine(options.Model, "config.json")) ? options : throw new BadInputException($"--model '{options.Model}' has no config.json: give a Hugging Face model folder");
    }

    private static double Number(string name, string value, double least, double most) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : throw new BadInputException(string.Create(CultureInfo.InvariantCulture, $"{name} '{value}' is not valid: give {least} to {most}"));
}
