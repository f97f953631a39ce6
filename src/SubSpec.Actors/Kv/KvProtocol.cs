using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Kv;

internal sealed record ReserveKv(SequenceId Sequence, int Slots);

internal sealed record KvReserved(EngineEpoch Epoch, KvLease Lease);

/// <summary>The slots are not free now; a <see cref="KvReleased"/> may change that.</summary>
internal sealed record KvRefused(EngineEpoch Epoch, SequenceId Sequence);

/// <summary>Positions 0 to <paramref name="Committed"/> - 1 hold target-written KV.</summary>
internal sealed record CommitKv(KvLease Lease, int Committed);

internal sealed record KvCommitted(EngineEpoch Epoch, SequenceId Sequence, int Committed);

/// <summary>Gives the slots of a retired lease back.</summary>
internal sealed record ReleaseKv(KvLease Lease);

internal sealed record KvReleased(EngineEpoch Epoch, SequenceId Sequence, int FreeSlots);
