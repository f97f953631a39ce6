using System.Collections.Immutable;
using Spectre.Console;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Cli.Simulate;

/// <summary>A simulation for people: all combinations, and which of them is the fastest where.</summary>
internal static class SimulationTable
{
    public static void Write(CliEnvironment environment, string model, SimulateSettings settings, ImmutableArray<SimulationRow> rows)
    {
        MemoryPlan first = rows[0].Plan;
        bool onePlan = rows.All(row => row.Plan.Offloaded == first.Offloaded && row.Plan.RingSlots == first.RingSlots);
        string offloaded = onePlan ? $"{first.Offloaded} of {first.Layers.Length} layers offloaded" : "layers offloaded as the link asks for";
        Table table = Tables.Create(
            $"{model} on {settings.Hardware.Name}, simulated: {offloaded} in {Figures.Bytes(first.BudgetBytes)}, ring of {first.RingSlots}",
            numbers: true,
            [.. Place(onePlan), "schedule", "tree", "tok/s", "speed-up", "tau", "ahead", "draft", "verify", "stall", "link busy", "limit", "of limit", "limited by", ""]);
        ImmutableArray<SimulationWinner> winners = SimulationWinner.Of(rows);
        (double, int)? place = null;
        foreach (SimulationRow row in rows)
        {
            if (place is not null && place != (row.LinkBandwidth, row.Sessions)) table.AddEmptyRow();
            place = (row.LinkBandwidth, row.Sessions);
            table.AddCells(Cells(row, onePlan, winners.Any(w => ReferenceEquals(w.Best, row))));
        }
        Tables.Print(environment, table);
        WriteWinners(environment, winners);
        WriteNotes(environment, settings);
    }

    private static void WriteWinners(CliEnvironment environment, ImmutableArray<SimulationWinner> winners)
    {
        foreach (SimulationWinner winner in winners.Where(w => w.Next is not null))
        {
            environment.Out.WriteLine(
                $"fastest at {Figures.Rate(winner.Best.LinkBandwidth)}, {Sessions(winner.Best.Sessions)}: {Name(winner.Best)} with {Figures.Number(winner.Best.Result.TokensPerSecond)} tokens/s, " +
                $"{winner.Lead * 100:0.0} % above {Name(winner.Next!)}");
        }
    }

    private static void WriteNotes(CliEnvironment environment, SimulateSettings settings)
    {
        ImmutableArray<SimulatedAnswer> answers = settings.ToGenerate();
        string texts = settings.Acceptance.Recorded is { } recorded ? $"recorded, drafted {recorded.Depth} x {recorded.Width} when they were" : $"made up, seed {settings.Seed}";
        environment.Out.WriteLine(
            $"{answers.Length} answers of {answers.Average(a => a.Tokens):0.#} tokens after prompts of {answers.Average(a => a.PromptTokens):0.#} ({texts}); the draft's first choice is right in {settings.Acceptance.FirstChoice * 100:0.0} % of cases");
        environment.Out.WriteLine("draft, verify, stall, link busy: shares of decoding time; speed-up: over plain offloading under the same schedule, link and sessions; ahead: rounds that began with what was drafted ahead");
        environment.Out.WriteLine("limit: tokens/s that link and compute allow at this tau, (tau + 1) / max(stream, verify + draft) for each round; limited by: the larger of the two");
    }

    private static string Name(SimulationRow row) => $"{row.Schedule} {Tree(row)}";

    private static string Sessions(int count) => count == 1 ? "1 session" : $"{count} sessions";

    private static string Tree(SimulationRow row) => row.Shape.Depth == 0 ? "-" : $"{row.Shape.Depth} x {row.Shape.Width}";

    private static string[] Place(bool onePlan) => onePlan ? ["link", "sessions"] : ["link", "offloaded", "sessions"];

    private static string[] Cells(SimulationRow row, bool onePlan, bool best)
    {
        SimulationResult result = row.Result;
        long rerooted = result.Ahead.Hits + result.Ahead.Misses;
        string[] place = onePlan ? [Figures.Rate(row.LinkBandwidth), $"{row.Sessions}"] : [Figures.Rate(row.LinkBandwidth), $"{row.Plan.Offloaded} of {row.Plan.Layers.Length}", $"{row.Sessions}"];
        return
        [
            .. place,
            row.Schedule,
            Tree(row),
            Figures.Number(result.TokensPerSecond),
            $"{Figures.Number(row.SpeedUp)}x",
            $"{result.Tau:0.00}",
            rerooted > 0 ? Figures.Percent((double)result.Ahead.Hits / rerooted) : "-",
            Figures.Percent(result.DraftShare),
            Figures.Percent(result.VerifyShare),
            Figures.Percent(result.StallShare),
            Figures.Percent(result.LinkUtilization),
            Figures.Number(result.Limit),
            Figures.Percent(result.LimitShare),
            result.IsLinkBound ? "link" : "compute",
            best ? "fastest" : "",
        ];
    }
}
