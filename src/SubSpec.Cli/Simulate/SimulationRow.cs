using SubSpec.Core.Planning;
using SubSpec.Core.Simulation;
using SubSpec.Core.Trees;

namespace SubSpec.Cli.Simulate;

/// <summary>One simulated combination.</summary>
/// <param name="Plan">Where layers go at this link.</param>
/// <param name="Plain">Tokens a second of plain decoding under the same schedule, link and sessions.</param>
internal sealed record SimulationRow(string Schedule, int Sessions, DraftShape Shape, double LinkBandwidth, MemoryPlan Plan, SimulationResult Result, double Plain)
{
    public double SpeedUp => Plain > 0 ? Result.TokensPerSecond / Plain : 0;
}
