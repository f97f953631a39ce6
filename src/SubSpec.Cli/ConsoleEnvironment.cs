using System.Collections;
using System.Diagnostics;
using System.Text;
using SubSpec.Server;

namespace SubSpec.Cli;

/// <summary>The real outside world: console, environment variables and Ctrl-C.</summary>
internal static class ConsoleEnvironment
{
    private const long JsonSafeSeeds = 1L << 53;

    // Some terminals do not know how wide they are.
    private static int WindowWidth() => Console.WindowWidth is > 0 and int width ? Math.Max(40, width) : 80;

    public static CliEnvironment Create(IInferenceHostFactory hosts)
    {
        var interrupts = new Interrupts();
        Console.CancelKeyPress += (_, e) => e.Cancel = interrupts.Press();
        var utf8 = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new CliEnvironment
        {
            Out = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardOutput(), utf8)),
            Error = TextWriter.Synchronized(new StreamWriter(Console.OpenStandardError(), utf8) { AutoFlush = true }),
            In = Console.IsInputRedirected ? new StreamReader(Console.OpenStandardInput(), utf8) : Console.In,
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = Console.IsErrorRedirected && Console.IsOutputRedirected ? 120 : WindowWidth(),
            Hosts = hosts,
            Interrupts = interrupts,
            Variable = Environment.GetEnvironmentVariable,
            Variables = () => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? "")),
            CurrentFolder = Environment.CurrentDirectory,
            ProgramFolder = AppContext.BaseDirectory,
            UserFolder = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
            NewSeed = () => (ulong)Random.Shared.NextInt64(JsonSafeSeeds),
            PeakRss = () =>
            {
                using var process = Process.GetCurrentProcess();
                return process.PeakWorkingSet64;
            },
            Uptime = () =>
            {
                using var process = Process.GetCurrentProcess();
                return TimeProvider.System.GetLocalNow().DateTime - process.StartTime;
            },
        };
    }
}
