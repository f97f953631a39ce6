using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Schedules;

namespace SubSpec.Actors.Drafting;

/// <summary>Scheduler to draft: grow these trees, as far as the grants let it.</summary>
/// <param name="Inside">The pass that was open when the round was ordered; null for none.</param>
internal sealed record Draft(DraftPlan Plan, StepGrants Grants, PassId? Inside = null);

/// <summary>Draft to itself: one step of the round.</summary>
internal sealed record DraftStep(RoundId Round);

/// <summary>Verify to draft: the open pass has nothing to do until the layer is there; this many steps are granted.</summary>
internal sealed record PassWaiting(PassId Pass, int Layer, int Steps);

/// <summary>Verify to draft: the layer is there; what was granted before it is void.</summary>
internal sealed record PassRunning(PassId Pass);

/// <summary>Verify to draft: no pass is open any more.</summary>
/// <param name="Rows">What it found: trees that continue one of its trees are re-rooted.</param>
internal sealed record PassOver(PassId Pass, ImmutableArray<RowsVerified> Rows);

/// <summary>Scheduler to draft and verify: the sequence's rows leave the open round or pass; the others go on.</summary>
internal sealed record DropSequence(SequenceId Sequence);

internal sealed record TreesDrafted(EngineEpoch Epoch, RoundId Round, ImmutableArray<DraftedTree> Trees, DraftFigures Figures);

/// <summary>What a round cost.</summary>
/// <param name="Steps">Each step's rows and time, in order.</param>
/// <param name="Work">The draft work that no pass has told of.</param>
internal sealed record DraftFigures(ImmutableArray<WorkTime> Steps, DraftWork Work, LinkStats Link, AheadFigures Ahead = default);
