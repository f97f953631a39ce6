using System.Collections.Immutable;

namespace SubSpec.Core.Engine;

/// <summary>The target model, one pass at a time. All calls come from the compute thread.</summary>
public interface ITargetPass
{
    /// <summary>Layers of the target.</summary>
    int LayerCount { get; }

    /// <summary>True when the layer comes through the link; false when it is resident.</summary>
    bool IsOffloaded(int layer);

    /// <summary>Opens a pass: checks the leases and embeds the rows. Throws <see cref="Kv.StaleLeaseException"/> before touching memory.</summary>
    void Begin(PassPlan plan);

    /// <summary>Takes all rows through the next layer.</summary>
    /// <param name="layer">Layers come in order, 0 to <see cref="LayerCount"/> - 1.</param>
    /// <param name="slot">Ring slot that holds the layer; -1 for a resident one.</param>
    void RunLayer(int layer, int slot);

    /// <summary>Takes a sequence's rows out of the open pass; the others go on. Unknown sequences are ignored.</summary>
    void Drop(SequenceId sequence);

    /// <summary>Ends the pass after its last layer: head, acceptance walks, and the accepted paths' KV moved to their positions.</summary>
    ImmutableArray<RowsVerified> Finish();

    /// <summary>Gives up the open pass, if any. Nothing is committed.</summary>
    void Abandon();
}
