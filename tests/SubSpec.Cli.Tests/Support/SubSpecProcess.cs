using System.Diagnostics;

namespace SubSpec.Cli.Tests.Support;

/// <summary>The executable as a process of its own.</summary>
internal static class SubSpecProcess
{
    public static Process Start(params string[] arguments)
    {
        // A shell ignores interrupts for its background jobs, and whatever they start inherits that: tests run there, too.
        string[] command = ["--default-signal=INT", Path.Combine(AppContext.BaseDirectory, "subspec"), .. arguments];
        var start = new ProcessStartInfo("env", command)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return Process.Start(start)!;
    }

    /// <param name="signal">As <c>INT</c>.</param>
    public static async Task SignalAsync(Process process, string signal)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", $"{process.Id}"]);
        await kill.WaitForExitAsync();
    }
}
