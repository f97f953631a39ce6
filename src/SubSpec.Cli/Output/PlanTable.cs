using Spectre.Console;
using SubSpec.Core.Planning;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>A memory plan for people.</summary>
internal static class PlanTable
{
    /// <param name="linkIsAssumed">Whether the link's speed is a usual one, and not one that was asked for.</param>
    public static void Write(CliEnvironment environment, string model, PlanReport report, bool linkIsAssumed)
    {
        MemoryPlan plan = report.Plan;
        Table table = Tables.Create(model, numbers: true, "fast memory", "bytes");
        foreach (PlanPart part in plan.Parts) table.AddCells(part.Name, Figures.Bytes(part.Bytes));
        table.AddEmptyRow();
        table.AddCells("total", Figures.Bytes(plan.TotalBytes));
        table.AddCells(report.BudgetIsDefault ? "budget (default)" : "budget", Figures.Bytes(plan.BudgetBytes));
        table.AddCells("left over", Figures.Bytes(plan.HeadroomBytes));
        table.AddCells("smallest budget that would do", Figures.Bytes(plan.SmallestBytes));
        table.AddCells("the process besides", Figures.Bytes(report.ProcessBytes));
        Tables.Print(environment, table);

        environment.Out.WriteLine($"layers     {plan.Layers.Length}: {Layers(plan)}");
        if (plan.Offloaded > 0)
        {
            string rate = $"{Figures.Rate(plan.StreamedBytes / plan.StreamSeconds)}{(linkIsAssumed ? ", assumed (subspec doctor measures it)" : "")}";
            environment.Out.WriteLine($"streaming  {Figures.Bytes(plan.StreamedBytes)} a pass in {Figures.Duration(plan.StreamSeconds)} at {rate}; a ring of {plan.RingSlots} layer{(plan.RingSlots == 1 ? "" : "s")}");
        }
        environment.Out.WriteLine($"a round    {Figures.Duration(plan.RoundSeconds)} predicted, the shortest that fits{Gain(plan)}");
    }

    private static string Layers(MemoryPlan plan) => string.Join("; ", plan.Layers
        .Select((placement, layer) => (Placement: placement, Layer: layer))
        .GroupBy(l => l.Placement)
        .OrderBy(group => group.Key)
        .Select(group => $"{group.Count()} {Names.Of(group.Key).Replace('_', ' ')}{(group.Key == LayerPlacement.Offloaded ? "" : $" ({Ranges([.. group.Select(l => l.Layer)])})")}"));

    /// <summary>Numbers in ascending order, those that follow each other as one range.</summary>
    private static string Ranges(int[] layers) => string.Join(", ", layers
        .Select((layer, i) => (Layer: layer, Run: layer - i))
        .GroupBy(l => l.Run, l => l.Layer)
        .Select(run => run.Count() < 3 ? string.Join(", ", run) : $"{run.First()} to {run.Last()}"));

    private static string Gain(MemoryPlan plan) => plan.Resident == 0 ? "" : $"; {Figures.Duration(plan.OffloadedRoundSeconds)} with every layer offloaded";
}
