using SubSpec.Cli.Commands;
using SubSpec.Cli.Options;
using SubSpec.Core.Engine;
using SubSpec.Core.Generation;
using SubSpec.Core.Planning;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>The few lines after an answer: how fast it was, why, and how much faster it could be.</summary>
internal static class RunSummary
{
    public static void Write(TextWriter output, RunReport report)
    {
        output.WriteLine();
        foreach (string line in Lines(report)) output.WriteLine(line);
    }

    public static IEnumerable<string> Lines(RunReport report)
    {
        yield return Speed(report);
        if (report.Performance.Accepted > 0) yield return Drafting(report.Performance);
        yield return Streaming(report.Performance, report.Host.Plan);
        if (report.Performance.DecodeSeconds > 0)
        {
            yield return Time(report.Performance);
            yield return Limit(report);
        }
        yield return Memory(report);
        if (report.FirstTokenSeconds is { } first) yield return Loading(report.Host.Loading, first);
        yield return $"seed {report.Result.Seed}, finished by {Names.Of(report.Result.FinishReason)}{(report.Host.Deterministic ? "" : "; not deterministic: rows are not computed alike in every batch")}";
    }

    private static string Speed(RunReport report)
    {
        Performance p = report.Performance;
        string model = report.Host.Label is { } label ? $"{report.Host.Model} ({label})" : report.Host.Model;
        return $"{Figures.Number(p.TokensPerSecond)} tokens/s: {p.Tokens} tokens in {Figures.Duration(p.DecodeSeconds)} after a prompt of {report.Result.PromptTokens} in " +
            $"{Figures.Duration(report.Result.Times.PrefillSeconds)}  [{model}, {report.Decoding.Method}, {report.Decoding.Schedule}]";
    }

    private static string Drafting(Performance p)
    {
        string agreement = p.Agreement is { } share ? $", agreement {share * 100:0.0} %" : "";
        (long hits, long misses) = (p.Decode.AheadHits, p.Decode.AheadMisses);
        string ahead = hits + misses > 0 ? $"; drafted ahead: {hits} of {hits + misses} rounds went on with it" : "";
        return $"drafts     tau {p.Tau:0.0} accepted tokens a round over {p.Rounds} rounds, best {p.Histogram.Length - 1}{agreement}{ahead}";
    }

    private static string Streaming(Performance p, MemoryPlan plan)
    {
        if (plan.Offloaded == 0) return $"streaming  nothing: all {plan.Layers.Length} layers are resident";
        string rate = p.LinkBandwidth > 0 ? $" at {Figures.Rate(p.LinkBandwidth)}" : "";
        return $"streaming  {plan.Offloaded} of {plan.Layers.Length} layers offloaded: {Figures.Bytes(p.Whole.BytesStreamed)} streamed{rate}, " +
            $"{Figures.Bytes(p.BytesPerToken)} a decoded token, link busy {Figures.Percent(p.LinkUtilization)}";
    }

    private static string Time(Performance p)
    {
        EngineTotals decode = p.Decode;
        double rest = Math.Max(0, p.DecodeSeconds - decode.DraftSeconds - decode.VerifySeconds - decode.StallSeconds);
        string Share(double seconds) => Figures.Percent(seconds / p.DecodeSeconds);
        return $"time       draft {Share(decode.DraftSeconds)}, verify {Share(decode.VerifySeconds)}, waiting for weights {Share(decode.StallSeconds)}, other {Share(rest)}";
    }

    private static string Limit(RunReport report)
    {
        Performance p = report.Performance;
        double plain = p.PlainLimit(report.Host.Plan.StreamedBytes);
        string faster = report.Decoding.Method == Methods.SubSpec && plain > 0 && p.TokensPerSecond > plain
            ? $"; plain offloading cannot exceed {Figures.Number(plain)} tokens/s here: at least {Figures.Number(p.TokensPerSecond / plain)}x"
            : "";
        return $"limit      {Figures.Percent(p.LimitShare)} of the {Figures.Number(p.Limit)} tokens/s that link and compute allow{faster}";
    }

    private static string Loading(LoadTimes load, double firstToken) =>
        $"loading    {Figures.Duration(load.TotalSeconds)}: opening {Figures.Duration(load.OpeningSeconds)}, weights {Figures.Duration(load.WeightsSeconds)}, " +
            $"substitutes {Figures.Duration(load.SubstitutesSeconds)}, engine {Figures.Duration(load.EngineSeconds)}, probe {Figures.Duration(load.ProbeSeconds)}; " +
            $"first token {Figures.Duration(firstToken)} after the start";

    private static string Memory(RunReport report)
    {
        HostInfo host = report.Host;
        string substitutes = host.Substitutes is { } s ? $", substitutes int{s.Bits} ({(s.Built > 0 ? $"{s.Built} built" : "cached")}, error {s.RelativeError:P1})" : "";
        return $"memory     fast tier {Figures.Bytes(report.PeakFastTierBytes)} of {Figures.Bytes(host.Plan.BudgetBytes)}, process {Figures.Bytes(report.PeakRssBytes)}{substitutes}" +
            (host.DirectIo ? "" : ", no direct I/O: reads go through the page cache");
    }
}
