using System.Diagnostics;

namespace SubSpec.ValidateSimulator;

/// <summary>The executable <c>subspec</c>.</summary>
internal sealed class SubSpecProgram(string path)
{
    /// <summary>Runs it to its end; what it printed.</summary>
    public string Run(params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(path, arguments) { RedirectStandardOutput = true };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{path} does not start");
        string printed = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? printed : throw new InvalidOperationException($"subspec {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}");
    }
}
