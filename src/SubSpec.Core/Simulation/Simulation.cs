using SubSpec.Core.Schedules;
using SubSpec.Core.Trees;

namespace SubSpec.Core.Simulation;

/// <summary>What to simulate.</summary>
/// <param name="Schedule">The real one.</param>
/// <param name="Shape">The tree that it was made for.</param>
/// <param name="Seed">Of the texts: the same gives the same result.</param>
/// <param name="Sessions">Answers generated at once.</param>
/// <param name="Answers">Answers in all, 1 or more; groups of sessions run one after the other, the last one as full as the others.</param>
/// <param name="PromptTokens">Tokens of each prompt, 1 or more.</param>
/// <param name="MaxTokens">Tokens of each answer, 2 or more: the first one belongs to the prompt.</param>
public sealed record SimulationSetup(
    ISchedule Schedule,
    DraftShape Shape,
    SimulatedCosts Costs,
    AcceptanceModel Acceptance,
    ulong Seed,
    int Sessions,
    int Answers,
    int PromptTokens,
    int MaxTokens);
