using System.Collections.Immutable;

namespace SubSpec.Core.Planning;

/// <summary>Where a layer lives.</summary>
public enum LayerPlacement
{
    /// <summary>Streamed in every pass; the draft uses its substitute.</summary>
    Offloaded,

    /// <summary>In the fast tier for good, and the draft uses it too.</summary>
    Resident,

    /// <summary>In the fast tier for good, with a substitute that makes the draft faster.</summary>
    ResidentWithSubstitute,
}

/// <summary>What goes into the fast tier, decided before anything is loaded.</summary>
/// <param name="BudgetBytes">What may be used.</param>
/// <param name="Parts">Bytes by part, as a table shows them.</param>
/// <param name="StreamSeconds">Predicted time in which a pass is streamed.</param>
/// <param name="RoundSeconds">Predicted time of a round.</param>
/// <param name="OffloadedRoundSeconds">The same with every layer offloaded: what the resident layers gain.</param>
/// <param name="SmallestBytes">The smallest budget that would do.</param>
public sealed record MemoryPlan(
    long BudgetBytes,
    ImmutableArray<LayerPlacement> Layers,
    int RingSlots,
    ImmutableArray<PlanPart> Parts,
    long StreamedBytes,
    double StreamSeconds,
    double RoundSeconds,
    double OffloadedRoundSeconds,
    long SmallestBytes)
{
    public long TotalBytes => Parts.Sum(p => p.Bytes);

    public long HeadroomBytes => BudgetBytes - TotalBytes;

    /// <summary>What an engine allocates over the weights, once they are loaded.</summary>
    public long EngineBytes => Parts.Where(p => p.Name is PlanPart.Ring or PlanPart.KvCache or PlanPart.Activations).Sum(p => p.Bytes);

    public int Offloaded => Layers.Count(l => l == LayerPlacement.Offloaded);

    public int Resident => Layers.Length - Offloaded;

    /// <summary>Whether the draft has a low-bit copy of the head of its own.</summary>
    public bool HasDraftHead { get; init; }

    /// <summary>Bytes of weights that a draft step reads: substitutes, resident layers without one, and a head.</summary>
    public long DraftReadBytes { get; init; }

    public bool HasSubstitute(int layer) => Layers[layer] != LayerPlacement.Resident;
}

/// <summary>One line of a plan.</summary>
public sealed record PlanPart(string Name, long Bytes)
{
    internal const string Ring = "ring";
    internal const string KvCache = "KV cache";
    internal const string Activations = "activations";
}
