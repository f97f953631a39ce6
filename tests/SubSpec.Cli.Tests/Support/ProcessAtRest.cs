using System.Collections.Immutable;
using System.Globalization;

namespace SubSpec.Cli.Tests.Support;

/// <summary>What a process has done by now that it would not do at rest (proc(5)).</summary>
/// <param name="BytesRead">From storage.</param>
/// <param name="Wakings">How often each thread went to sleep, by its name and id, without those of the runtime and of the web server.</param>
internal sealed record ProcessAtRest(long BytesRead, ImmutableSortedDictionary<string, long> Wakings)
{
    // The thread pool's gate, the finalizer, background compilation; and the clock of connections, once a second.
    private static readonly string[] OfOthers = [".NET ", Heart];

    private const string Heart = "Kestrel Timer";

    public bool Equals(ProcessAtRest? other) => other is not null && BytesRead == other.BytesRead && Wakings.SequenceEqual(other.Wakings);

    public override int GetHashCode() => BytesRead.GetHashCode();

    /// <summary>How often the web server's clock has gone to sleep: once a second while the process lives.</summary>
    public static long Heartbeats(int process) => Threads(process).Where(t => t.Key.StartsWith(Heart, StringComparison.Ordinal)).Sum(t => t.Value);

    public static ProcessAtRest Look(int process) => new(
        Number($"/proc/{process}/io", "read_bytes"),
        Threads(process).Where(t => !OfOthers.Any(o => t.Key.StartsWith(o, StringComparison.Ordinal))).ToImmutableSortedDictionary(StringComparer.Ordinal));

    private static Dictionary<string, long> Threads(int process)
    {
        var wakings = new Dictionary<string, long>();
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            try
            {
                string name = File.ReadAllText($"{thread}/comm").Trim();
                wakings[$"{name} {Path.GetFileName(thread)}"] = Number($"{thread}/status", "voluntary_ctxt_switches");
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return wakings;
    }

    private static long Number(string file, string name) =>
        long.Parse(File.ReadLines(file).First(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
}
