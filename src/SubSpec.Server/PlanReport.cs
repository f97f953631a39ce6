using SubSpec.Core.Planning;

namespace SubSpec.Server;

/// <summary>A plan and what surrounds it.</summary>
/// <param name="BudgetIsDefault">Whether the budget was chosen rather than given.</param>
/// <param name="ProcessBytes">Memory of the process besides the plan: <see cref="ProcessOverhead(int, bool)"/>.</param>
public sealed record PlanReport(ModelDescription Model, MemoryPlan Plan, bool BudgetIsDefault, long ProcessBytes)
{
    private const long LibTorchBytes = 130_000_000;

    /// <summary>
    /// Runtime, compiled code, managed heap, tokenizer and stacks of a process that has answered. Measured as peak resident memory less
    /// fast tier: 95 to 99 MB with a vocabulary of 4096, whatever the model's size, and 133 to 179 MB with one of 152064.
    /// </summary>
    /// <param name="bf16Units">Whether libtorch is loaded, for the processor's bf16 units.</param>
    public static long ProcessOverhead(int vocabulary, bool bf16Units) => 97_000_000 + (400L * vocabulary) + (bf16Units ? LibTorchBytes : 0);
}
