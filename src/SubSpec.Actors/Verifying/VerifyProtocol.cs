using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Engine;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Verifying;

/// <summary>Scheduler to verify: walk these rows through the target. One pass at a time.</summary>
internal sealed record BeginPass(PassPlan Plan, StepGrants Grants);

/// <summary>Verify to itself: the next layer needs no waiting; or, behind the last one, the pass ends.</summary>
internal sealed record NextLayer(PassId Pass, int Layer);

/// <summary>Scheduler to verify: the lease is over.</summary>
/// <param name="Freed">Its slots that hold nothing any more.</param>
internal sealed record RetireKv(KvLease Lease, ImmutableArray<int> Freed);

/// <summary>A pass has ended: its rows are walked and the accepted paths moved. Sequences that were dropped are not in it.</summary>
internal sealed record PassVerified(EngineEpoch Epoch, PassId Pass, ImmutableArray<RowsVerified> Rows, PassFigures Figures);

/// <summary>What a pass cost.</summary>
/// <param name="StallSeconds">Waiting for a layer, less the draft steps meanwhile.</param>
/// <param name="LayersConsumed">Offloaded layers that the pass ran through.</param>
/// <param name="PayloadBytes">Their payload.</param>
/// <param name="Rows">Rows that went through all layers.</param>
internal sealed record PassFigures(double VerifySeconds, double StallSeconds, int LayersConsumed, long PayloadBytes, int Rows, LinkStats Link)
{
    /// <summary>The draft work that no round and no pass before has told of.</summary>
    public DraftWork Drafted { get; init; }
}
