using SubSpec.Server;

namespace SubSpec.Cli;

/// <summary>Everything of the outside world that the commands touch, so that tests can stand in for it.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Results, and nothing else.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Progress, summaries and errors.</summary>
    public required TextWriter Error { get; init; }

    public required TextReader In { get; init; }

    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    /// <summary>Columns of the terminal.</summary>
    public int Width { get; init; } = 120;

    public required IInferenceHostFactory Hosts { get; init; }

    public required Interrupts Interrupts { get; init; }

    /// <summary>Reads an environment variable; null when it is not set.</summary>
    public required Func<string, string?> Variable { get; init; }

    /// <summary>Reads all environment variables.</summary>
    public required Func<IEnumerable<KeyValuePair<string, string>>> Variables { get; init; }

    /// <summary>The folder that the program was started in.</summary>
    public required string CurrentFolder { get; init; }

    /// <summary>Where the executable and its <c>models/demo</c> are.</summary>
    public required string ProgramFolder { get; init; }

    public required string UserFolder { get; init; }

    /// <summary>A seed for a request that gives none. Below 2^53, so that JSON readers keep it.</summary>
    public required Func<ulong> NewSeed { get; init; }

    /// <summary>Most memory the process has had so far, in bytes.</summary>
    public required Func<long> PeakRss { get; init; }

    /// <summary>Time since the process started.</summary>
    public required Func<TimeSpan> Uptime { get; init; }
}
