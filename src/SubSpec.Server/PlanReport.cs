using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>A plan and what surrounds it.</summary>
/// <param name="BudgetIsDefault">Whether the budget was chosen rather than given.</param>
/// <param name="ProcessBytes">Measured memory of the process besides the plan.</param>
public sealed record PlanReport(ModelDescription Model, MemoryPlan Plan, bool BudgetIsDefault, long ProcessBytes);
