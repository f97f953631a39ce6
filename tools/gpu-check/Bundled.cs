using System.Diagnostics;
using System.Reflection;

namespace SubSpec.GpuCheck;

/// <summary>The programs that are part of this one. Each is run as a process of its own.</summary>
internal static class Bundled
{
    public static string[] Programs { get; } = ["subspec", "grow-model", GrownBench.Name];

    /// <summary>Is one of them from now on; its exit code.</summary>
    public static int Enter(string program, string[] arguments) => program == GrownBench.Name
        ? GrownBench.Run(arguments)
        : Assembly.Load(program).EntryPoint!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, [arguments], null) as int? ?? 0;

    /// <summary>Runs one to its end; what it printed. Throws <see cref="InvalidOperationException"/> with what it said where it fails, and where it takes too long.</summary>
    public static string Run(string program, TimeSpan limit, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in environment) start.Environment[name] = value;
        using Process process = Process.Start(start) ?? throw new InvalidOperationException($"{program} does not start");
        Task<string> printed = process.StandardOutput.ReadToEndAsync(), said = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{program} {string.Join(' ', start.ArgumentList)} took more than {limit.TotalSeconds:F0} s");
        }
        if (process.ExitCode == 0) return printed.Result;
        string reason = said.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "it said nothing";
        throw new InvalidOperationException($"{program} ended with {process.ExitCode}: {reason}");
    }
}
