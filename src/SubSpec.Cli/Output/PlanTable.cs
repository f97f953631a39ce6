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
        environment.Out.WriteLine($"streaming  {Figures.Bytes(plan.StreamedBytes)} a pass, through a ring of {plan.RingSlots} layers");
        environment.Out.WriteLine($"a round    {Figures.Duration(plan.RoundSeconds)} predicted");
    }

    private static string Layers(MemoryPlan plan) => string.Join(", ", plan.Layers
        .GroupBy(placement => placement)
        .OrderBy(group => group.Key)
        .Select(group => $"{group.Count()} {Names.Of(group.Key).Replace('_', ' ')}"));
}
