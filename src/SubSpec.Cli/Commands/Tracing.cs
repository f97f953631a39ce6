using System.CommandLine;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core;
using SubSpec.Core.Timeline;

namespace SubSpec.Cli.Commands;

/// <summary>The timeline of a command, and the file that gets it.</summary>
internal sealed class Tracing : IDisposable
{
    private readonly OutputFile? _file;
    private readonly TimelineRecorder? _recorder;

    private Tracing(OutputFile? file, TimelineRecorder? recorder) => (_file, _recorder) = (file, recorder);

    /// <summary>What the host takes note in.</summary>
    public ITimeline Timeline => _recorder ?? ITimeline.Off;

    /// <summary>What was noted so far; null when nothing is.</summary>
    public TimelineLog? Log => _recorder?.Take();

    public static Option<string?> Option() =>
        Typed.Text("--trace", "FILE", "write what stream, verify, draft and the others did when, for ui.perfetto.dev or chrome://tracing");

    /// <param name="path">The file of the trace; null for none.</param>
    /// <param name="always">Whether a timeline is wanted without a file too.</param>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static Tracing Open(string? path, bool always = false) => new(
        path is null ? null : OutputFile.Open("--trace", path),
        path is not null || always ? new TimelineRecorder(TimeProvider.System) : null);

    /// <summary>Writes the file, of what failed or was interrupted as well; not when nothing happened.</summary>
    public void Save(CliEnvironment environment)
    {
        if (_file is null || Log is not { Events.IsEmpty: false } log) return;
        _file.Write(stream => ChromeTrace.Write(stream, log));
        if (log.Dropped > 0) HostStarter.Warn(environment, [$"--trace holds the first {log.Events.Length} events; {log.Dropped} more did not fit"]);
    }

    public void Dispose() => _file?.Dispose();
}
