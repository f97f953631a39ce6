using System.Diagnostics;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Clients;

/// <summary>A program of somebody else.</summary>
internal static class ExternalProgram
{
    // What hangs is an error; nothing here takes a fraction of this.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs it to its end; the test fails with what it said if it fails.</summary>
    /// <returns>Its standard output.</returns>
    public static async Task<string> RunAsync(string program, string[] arguments, string input = "", string? folder = null)
    {
        using Process process = Start(program, arguments, folder);
        Task<string> output = process.StandardOutput.ReadToEndAsync(), error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync().WaitAsync(Patience);
        Assert.True(process.ExitCode == 0, $"{program} ended with {process.ExitCode}: {await error}{await output}");
        return await output;
    }

    public static Process Start(string program, string[] arguments, string? folder = null) => Process.Start(new ProcessStartInfo(program, arguments)
    {
        WorkingDirectory = folder ?? AppContext.BaseDirectory,
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["SUBSPEC_CACHE"] = TestServices.Demo.CacheFolder },
    })!;
}
