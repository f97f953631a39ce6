using System.Collections.Immutable;

namespace SubSpec.Core.Engine;

/// <summary>The draft model: substitutes and resident layers over the target's own KV cache. All calls come from the compute thread.</summary>
public interface IDraftModel
{
    /// <summary>Opens a round. Throws <see cref="Kv.StaleLeaseException"/> before touching memory.</summary>
    void Begin(DraftPlan plan);

    /// <summary>
    /// Takes the frontier rows of all drafting sequences through the draft model once; does nothing where no tree can grow.
    /// False when no tree can grow further: another step would do nothing.
    /// </summary>
    bool Step();

    /// <summary>Rows that the last step took through the model; 0 before the round's first one.</summary>
    int StepRows { get; }

    /// <summary>The pass has ended that verified the trees which open sequences continue: what stands below an accepted path's end becomes their tree, the rest is forgotten.</summary>
    /// <param name="verified">What the pass found. Sequences that do not continue a tree are ignored.</param>
    AheadFigures Reroot(ImmutableArray<RowsVerified> verified);

    /// <summary>Takes a sequence out of the round. Unknown sequences are ignored.</summary>
    void Drop(SequenceId sequence);

    /// <summary>Ends the round with the trees as they are.</summary>
    ImmutableArray<DraftedTree> Finish();

    /// <summary>Gives up the open round, if any.</summary>
    void Abandon();
}

/// <summary>What drafting ahead of a pass was good for.</summary>
/// <param name="Hits">Sequences whose accepted path ended above something that was drafted.</param>
/// <param name="Misses">Sequences that have to draft anew.</param>
/// <param name="WastedNodes">Nodes that were drafted ahead and forgotten.</param>
public readonly record struct AheadFigures(int Hits, int Misses, int WastedNodes)
{
    public static AheadFigures operator +(AheadFigures a, AheadFigures b) => new(a.Hits + b.Hits, a.Misses + b.Misses, a.WastedNodes + b.WastedNodes);

    public static AheadFigures operator -(AheadFigures a, AheadFigures b) => new(a.Hits - b.Hits, a.Misses - b.Misses, a.WastedNodes - b.WastedNodes);
}
