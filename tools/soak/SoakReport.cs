using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace SubSpec.Soak;

/// <summary>The result for people, and for programs.</summary>
internal static class SoakReport
{
    private const int MemoryRows = 12;

    private static readonly JsonSerializerOptions Options = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static string Table(SoakResult result)
    {
        var text = new StringBuilder();
        Line($"{"requests",-18}{"count",8}{"tokens",10}{"mean s",9}{"longest s",11}");
        foreach ((string kind, Tally.Row row) in result.Tally.Rows) Line($"{kind,-18}{row.Requests,8}{row.Tokens,10}{row.Seconds / row.Requests,9:F2}{row.Longest,11:F2}");
        Line($"");
        Line($"{"memory, MiB",-18}{"resident",8}{"native",10}{"managed",9}{"committed",11}{"rest",7}{"tensors",9}{"collections",13}");
        foreach (MemorySample s in Shown(result.Memory.All))
            Line($"{s.Seconds,10:F0} s      {MiB(s.Resident),8}{MiB(s.Native),10}{MiB(s.Managed),9}{MiB(s.Committed),11}{MiB(s.Rest),7}{s.Tensors,9}{s.Collections,13}");
        Line($"");
        foreach (SoakCheck check in result.Checks) Line($"{(check.Passed ? "ok    " : "FAILED")}  {check.What} ({check.Figures})");
        foreach (string problem in result.Tally.Problems) Line($"        {problem}");
        return text.ToString();

        void Line(FormattableString line) => text.AppendLine(line.ToString(CultureInfo.InvariantCulture));
    }

    private static long MiB(long bytes) => bytes >> 20;

    private static IEnumerable<MemorySample> Shown(ImmutableArray<MemorySample> all) => all.Where((_, i) => (i + 1) % Math.Max(1, all.Length / MemoryRows) == 0);

    /// <summary>One object, on one line.</summary>
    public static string Json(SoakResult result) => JsonSerializer.Serialize(
        new
        {
            result.Passed,
            result.Options.Minutes,
            result.Options.Clients,
            result.Options.Seed,
            result.Seconds,
            Requests = result.Tally.Rows,
            result.Tally.Wrong,
            result.Tally.Problems,
            result.Checks,
            NativeBytes = new { result.Loaded, result.Rested, result.Leaked },
            Kv = new { result.Load.KvSlots, result.Load.KvFree, result.Load.KvCached, result.Load.KvCommitted },
            result.Load.Totals,
            Memory = result.Memory.All,
        },
        Options);
}
