using SubSpec.Core.Planning;

namespace SubSpec.Core.Simulation;

/// <summary>A machine as far as schedules can tell: one file of <c>config/hardware</c>.</summary>
/// <param name="Name">As people call it.</param>
/// <param name="LinkBandwidth">Slow to fast tier, bytes a second.</param>
/// <param name="FastMemoryBytes">Size of the fast tier.</param>
/// <param name="FastMemoryBandwidth">Bytes a second.</param>
/// <param name="MatmulFlops">Floating point operations a second of a bf16 matrix product, as reached, not as advertised.</param>
/// <param name="SubstituteFlops">The same of a product with low-bit weights.</param>
/// <param name="VerifyLayerOverheadSeconds">What a layer of a pass costs besides: launches, norms, attention, messages.</param>
/// <param name="DraftLayerOverheadSeconds">The same of a draft step.</param>
/// <param name="PassOverheadSeconds">What a pass costs besides its layers and head.</param>
/// <param name="SharesCompute">True where draft and verify take turns on one compute resource, false where each has its own.</param>
public sealed record HardwareProfile(
    string Name,
    double LinkBandwidth,
    double FastMemoryBytes,
    double FastMemoryBandwidth,
    double MatmulFlops,
    double SubstituteFlops,
    double VerifyLayerOverheadSeconds,
    double DraftLayerOverheadSeconds,
    double PassOverheadSeconds,
    bool SharesCompute)
{
    /// <summary>The rates that the memory planner decides by.</summary>
    /// <param name="rows">Rows of a usual tree.</param>
    /// <param name="draftSteps">Draft steps of a usual round.</param>
    public CostModel PlanningCosts(int rows, int draftSteps) =>
        new(LinkBandwidth, FastMemoryBandwidth, FastMemoryBandwidth, 1 / FastMemoryBandwidth + rows / MatmulFlops, draftSteps);
}
