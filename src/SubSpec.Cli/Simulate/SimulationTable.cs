using System.Collections.Immutable;
using Spectre.Console;
using SubSpec.Cli.Options;
using SubSpec.Cli.Output;
using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;

namespace SubSpec.Cli.Simulate;

/// <summary>A simulation for people.</summary>
internal static class SimulationTable
{
    public static void Write(CliEnvironment environment, string model, SimulateSettings settings, MemoryPlan plan, ImmutableArray<SimulationRow> rows)
    {
        Table table = Tables.Create(
            $"{model} on {settings.Hardware.Name}, simulated: {plan.Offloaded} of {plan.Layers.Length} layers offloaded in {Figures.Bytes(plan.BudgetBytes)}, ring of {plan.RingSlots}",
            numbers: true, "schedule", "link", "draft", "sessions", "tok/s", "speed-up", "tau", "stall", "draft", "verify", "stream", "overlap", "limit", "of limit");
        foreach (SimulationRow row in rows) table.AddCells(Cells(row));
        Tables.Print(environment, table);
        environment.Out.WriteLine(
            $"{settings.Answers} answers of {settings.MaxTokens} tokens after prompts of {settings.PromptTokens}; the draft's first choice is right in {settings.Acceptance.FirstChoice * 100:0.0} % of cases; seed {settings.Seed}");
        environment.Out.WriteLine("shares are of decoding time; speed-up is over plain offloading under the same schedule, link and sessions");
    }

    private static string[] Cells(SimulationRow row)
    {
        SimulationResult result = row.Result;
        return
        [
            row.Schedule,
            Figures.Rate(row.LinkBandwidth),
            row.Shape.Depth == 0 ? "-" : $"{row.Shape.Depth} x {row.Shape.Width}",
            $"{row.Sessions}",
            Figures.Number(result.TokensPerSecond),
            $"{Figures.Number(row.SpeedUp)}x",
            $"{result.Tau:0.00}",
            Figures.Percent(result.StallShare),
            Figures.Percent(result.DraftShare),
            Figures.Percent(result.VerifyShare),
            Figures.Percent(result.LinkUtilization),
            Figures.Percent(result.OverlapRatio),
            Figures.Number(result.Limit),
            Figures.Percent(result.LimitShare),
        ];
    }
}
