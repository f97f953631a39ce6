using Spectre.Console;
using SubSpec.Cli.Output;
using SubSpec.Core.Engine;
using SubSpec.Core.Planning;
using SubSpec.Core.Trees;
using SubSpec.Server;

namespace SubSpec.Cli.Bench;

/// <summary>A benchmark for people.</summary>
internal static class BenchTable
{
    public static void Write(CliEnvironment environment, BenchReport report)
    {
        Table table = Tables.Create(
            Title(report), numbers: true,
            "method", "schedule", "draft", "sessions", "tok/s", "min..max", "speed-up", "tau", "agreement", "streamed/token", "stall", "draft", "verify", "stream", "ahead", "of limit");
        foreach (BenchRow row in report.Rows) table.AddCells(Cells(row));
        Tables.Print(environment, table);
        environment.Out.WriteLine("shares are of decoding time; speed-up is over autoregressive under the same schedule; agreement: how often the draft's first choice was the target's token; ahead: rounds that began with what was drafted ahead");
        environment.Out.WriteLine($"seed {report.Plan.Seed}");
        environment.Out.WriteLine(IdentityLine(report.Identity));
    }

    private static string Title(BenchReport report)
    {
        HostInfo host = report.Host;
        MemoryPlan plan = host.Plan;
        string label = host.Label is { } text ? $" ({text})" : "";
        string link = host.LinkBandwidth is { } rate ? $", link slowed to {Figures.Rate(rate)}" : "";
        return $"{host.Model}{label}: {plan.Offloaded} of {plan.Layers.Length} layers offloaded in {Figures.Bytes(plan.BudgetBytes)}, " +
            $"{host.Device}, {host.Threads} threads{link}; {report.Plan.Requests.Length} prompts x {report.Plan.Repeat}";
    }

    private static string[] Cells(BenchRow row)
    {
        DraftShape shape = row.Case.Decoding.Shape;
        return
        [
            row.Case.Decoding.Method,
            row.Case.Decoding.Schedule,
            shape.Depth == 0 ? "-" : $"{shape.Depth} x {shape.Width}",
            $"{row.Case.Sessions}",
            Figures.Number(row.Median),
            $"{Figures.Number(row.Least)}..{Figures.Number(row.Most)}",
            row.SpeedUp is { } speedUp ? $"{Figures.Number(speedUp)}x" : "-",
            $"{row.Performance.Tau:0.00}",
            row.Performance.Agreement is { } agreement ? $"{agreement * 100:0.0} %" : "-",
            Figures.Bytes(row.Performance.BytesPerToken),
            Figures.Percent(row.StallShare),
            Figures.Percent(row.DraftShare),
            Figures.Percent(row.VerifyShare),
            Figures.Percent(row.StreamShare),
            Ahead(row.Performance.Decode),
            Figures.Percent(row.Performance.LimitShare),
        ];
    }

    private static string Ahead(EngineTotals totals)
    {
        long rounds = totals.AheadHits + totals.AheadMisses;
        return rounds > 0 ? Figures.Percent((double)totals.AheadHits / rounds) : "-";
    }

    private static string IdentityLine(Identity identity) => identity.Identical switch
    {
        true => $"identical: yes ({identity.TokensCompared} tokens compared)",
        false => $"identical: no ({identity.Difference})",
        null => "identical: not checked (one way to decode only)",
    };
}
