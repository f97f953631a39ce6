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

    /// <summary>Takes a sequence out of the round. Unknown sequences are ignored.</summary>
    void Drop(SequenceId sequence);

    /// <summary>Ends the round with the trees as they are.</summary>
    ImmutableArray<DraftedTree> Finish();

    /// <summary>Gives up the open round, if any.</summary>
    void Abandon();
}
