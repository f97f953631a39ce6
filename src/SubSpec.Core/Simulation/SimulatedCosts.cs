using System.Collections.Immutable;
using SubSpec.Core.Planning;

namespace SubSpec.Core.Simulation;

/// <summary>What of a model decides how long things take. All its layers are alike, as those of the supported families are.</summary>
/// <param name="Placement">Where each layer lives.</param>
/// <param name="LayerBytes">Weights of one layer, 2 bytes each.</param>
/// <param name="SubstituteBytes">The substitute of one layer.</param>
/// <param name="HeadBytes">The head, or the embedding where it is the head.</param>
/// <param name="RingSlots">Slots of the ring; 0 where nothing is offloaded.</param>
public sealed record SimulatedModel(ImmutableArray<LayerPlacement> Placement, double LayerBytes, double SubstituteBytes, double HeadBytes, int RingSlots)
{
    /// <summary>The model of a plan.</summary>
    public static SimulatedModel Of(MemoryPlan plan)
    {
        double Part(string name) => plan.Parts.Where(p => p.Name == name).Sum(p => p.Bytes);

        int substituted = plan.Layers.Count(l => l != LayerPlacement.Resident);
        return new SimulatedModel(
            plan.Layers,
            (plan.StreamedBytes + Part("resident layers")) / plan.Layers.Length,
            substituted == 0 ? 0 : Part("substitutes") / substituted,
            Part("head") > 0 ? Part("head") : Part("embedding"),
            plan.RingSlots);
    }
}

/// <summary>
/// How long a model's work takes on a machine, in seconds. A layer costs a fixed time, its bytes through fast memory and its rows
/// through the matrix units, one after the other: measured times by rows lie on such lines. Attention over the context is not in
/// it, so very long contexts take longer than this says.
/// </summary>
public sealed class SimulatedCosts(HardwareProfile hardware, SimulatedModel model)
{
    private const double BytesPerWeight = 2, OperationsPerWeight = 2;

    private readonly int _full = model.Placement.Count(l => l == LayerPlacement.Resident);

    /// <summary>Layers of the model.</summary>
    public int Layers => model.Placement.Length;

    /// <summary>Payload of a streamed layer.</summary>
    public double LayerBytes => model.LayerBytes;

    /// <summary>Slots of the ring.</summary>
    public int RingSlots => model.RingSlots;

    /// <summary>Layers that passes stream, in order.</summary>
    public ImmutableArray<int> OffloadedLayers { get; } = [.. Enumerable.Range(0, model.Placement.Length).Where(l => model.Placement[l] == LayerPlacement.Offloaded)];

    /// <summary>Whether draft and verify share one compute resource.</summary>
    public bool SharesCompute => hardware.SharesCompute;

    /// <summary>Bytes a second.</summary>
    public double LinkBandwidth => hardware.LinkBandwidth;

    /// <summary>One layer over the link.</summary>
    public double StreamSeconds => model.LayerBytes / hardware.LinkBandwidth;

    /// <summary>What a pass costs whatever is in it, half at its begin.</summary>
    public double BeginSeconds => hardware.PassOverheadSeconds / 2;

    public bool IsOffloaded(int layer) => model.Placement[layer] == LayerPlacement.Offloaded;

    /// <summary>One layer of a pass.</summary>
    public double LayerSeconds(int rows) => hardware.VerifyLayerOverheadSeconds + Product(model.LayerBytes, model.LayerBytes, rows, hardware.MatmulFlops);

    /// <summary>Head, acceptance walks and the rest of a pass's fixed time.</summary>
    public double FinishSeconds(int rows) => hardware.PassOverheadSeconds / 2 + Product(model.HeadBytes, model.HeadBytes, rows, hardware.MatmulFlops);

    /// <summary>One draft step: all layers, by substitutes where they have one, and the head. Without rows there is nothing to do.</summary>
    public double DraftStepSeconds(int rows) => rows == 0
        ? 0
        : Layers * hardware.DraftLayerOverheadSeconds +
          (Layers - _full) * Product(model.SubstituteBytes, model.LayerBytes, rows, hardware.SubstituteFlops) +
          _full * Product(model.LayerBytes, model.LayerBytes, rows, hardware.MatmulFlops) +
          Product(model.HeadBytes, model.HeadBytes, rows, hardware.MatmulFlops);

    private double Product(double bytes, double fullBytes, int rows, double flops) =>
        bytes / hardware.FastMemoryBandwidth + rows * OperationsPerWeight * fullBytes / BytesPerWeight / flops;
}
