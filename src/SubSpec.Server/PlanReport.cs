using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>A plan and what surrounds it.</summary>
/// <param name="BudgetIsDefault">Whether the budget was chosen rather than given.</param>
/// <param name="ProcessBytes">Memory of the process besides the plan: <see cref="ProcessOverhead"/>.</param>
public sealed record PlanReport(ModelDescription Model, MemoryPlan Plan, bool BudgetIsDefault, long ProcessBytes)
{
    /// <summary>
    /// Runtime, compiled code, managed heap, tokenizer and stacks of a process that has answered. Measured as peak resident memory less
    /// fast tier: 95 to 99 MB for models of 15 to 700 MB; libtorch takes more.
    /// </summary>
    /// <param name="bf16Units">Whether libtorch is loaded, for the processor's bf16 units.</param>
    public static long ProcessOverhead(bool bf16Units) => bf16Units ? 240_000_000 : 100_000_000;
}
