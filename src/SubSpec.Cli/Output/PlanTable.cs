using Spectre.Console;
using SubSpec.Core.Planning;
using SubSpec.Server;

namespace SubSpec.Cli.Output;

/// <summary>A memory plan for people.</summary>
internal static class PlanTable
{
    public static void Write(CliEnvironment environment, string model, PlanReport report)
    {
        MemoryPlan plan = report.Plan;
        Table table = Tables.Create($"{model}: fast memory", numbers: true, "part", "bytes");
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
            environment.Out.WriteLine($"streaming  {Figures.Bytes(plan.StreamedBytes)} a pass in {Figures.Duration(plan.StreamSeconds)} at {Figures.Rate(plan.StreamedBytes / plan.StreamSeconds)}, through a ring of {plan.RingSlots} layers");
        environment.Out.WriteLine($"a round    {Figures.Duration(plan.RoundSeconds)} predicted{Gain(plan)}");
    }

    private static string Layers(MemoryPlan plan) => string.Join("; ", plan.Layers
        .Select((placement, layer) => (Placement: placement, Layer: layer))
        .GroupBy(l => l.Placement)
        .OrderBy(group => group.Key)
        .Select(group => $"{group.Count()} {Names.Of(group.Key).Replace('_', ' ')}{(group.Key == LayerPlacement.Offloaded ? "" : $" ({string.Join(", ", group.Select(l => l.Layer))})")}"));

    private static string Gain(MemoryPlan plan) => plan.Resident == 0 ? "" : $"; {Figures.Duration(plan.OffloadedRoundSeconds)} with every layer offloaded";
}
