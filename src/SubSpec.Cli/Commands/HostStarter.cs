using SubSpec.Cli.Output;
using SubSpec.Server;

namespace SubSpec.Cli.Commands;

/// <summary>Loads a model with a bar, and says what is not as it was asked for.</summary>
internal static class HostStarter
{
    public static async Task<IInferenceHost> StartAsync(CliEnvironment environment, HostOptions options, CancellationToken cancel)
    {
        var line = new StatusLine(environment.Error, environment.ErrorIsTerminal, environment.Width);
        IInferenceHost host;
        try
        {
            host = await environment.Hosts.StartAsync(options, new LoadBar(line), cancel);
        }
        finally
        {
            line.Clear();
        }
        Warn(environment, host.Info.Warnings);
        return host;
    }

    public static void Warn(CliEnvironment environment, IEnumerable<string> warnings)
    {
        foreach (string warning in warnings) environment.Error.WriteLine($"warning: {OneLine.Of(warning)}");
    }
}
