using System.Collections.Immutable;
using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>What to simulate.</summary>
/// <param name="Schedule">The real one.</param>
/// <param name="Shape">The tree that it was made for.</param>
/// <param name="Seed">Of the texts: the same gives the same result.</param>
/// <param name="Sessions">Answers generated at once.</param>
/// <param name="Answers">1 or more, in a <see cref="Generation.ClosedLoop"/>.</param>
public sealed record SimulationSetup(
    ISchedule Schedule,
    DraftShape Shape,
    SimulatedCosts Costs,
    AcceptanceModel Acceptance,
    ulong Seed,
    int Sessions,
    ImmutableArray<SimulatedAnswer> Answers);
