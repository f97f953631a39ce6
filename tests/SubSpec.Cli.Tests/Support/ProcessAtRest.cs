using System.Collections.Immutable;
using System.Globalization;

namespace SubSpec.Cli.Tests.Support;

/// <summary>What a process has done by now that it would not do at rest (proc(5)).</summary>
/// <param name="BytesRead">From storage.</param>
/// <param name="Wakings">How often each thread went to sleep, by its name and id, without those of the runtime and of the web server.</param>
internal sealed record ProcessAtRest(long BytesRead, ImmutableSortedDictionary<string, long> Wakings)
{
    // The thread pool's gate, the finalizer, background compilation; and the clock of connections, once a second.
    private static readonly string[] OfOthers = [".NET ", "Kestrel Timer"];

    public bool Equals(ProcessAtRest? other) => other is not null && BytesRead == other.BytesRead && Wakings.SequenceEqual(other.Wakings);

    public override int GetHashCode() => BytesRead.GetHashCode();

    public static ProcessAtRest Look(int process)
    {
        var wakings = ImmutableSortedDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (string thread in Directory.GetDirectories($"/proc/{process}/task"))
        {
            try
            {
                string name = File.ReadAllText($"{thread}/comm").Trim();
                if (!OfOthers.Any(o => name.StartsWith(o, StringComparison.Ordinal))) wakings[$"{name} {Path.GetFileName(thread)}"] = Number($"{thread}/status", "voluntary_ctxt_switches");
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }
        return new ProcessAtRest(Number($"/proc/{process}/io", "read_bytes"), wakings.ToImmutable());
    }

    private static long Number(string file, string name) =>
        long.Parse(File.ReadLines(file).First(line => line.StartsWith($"{name}:", StringComparison.Ordinal))[(name.Length + 1)..], CultureInfo.InvariantCulture);
}
