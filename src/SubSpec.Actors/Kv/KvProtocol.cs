using System.Collections.Immutable;
using SubSpec.Actors.Engines;
using SubSpec.Core;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Kv;

/// <param name="Prefix">What the sequence begins with: cached KV of it comes with the lease.</param>
internal sealed record ReserveKv(SequenceId Sequence, int Slots, KvPrefix Prefix);

internal sealed record KvReserved(EngineEpoch Epoch, KvLease Lease, KvBalance Balance);

/// <summary>The slots are not free now; a <see cref="KvReleased"/> may change that.</summary>
internal sealed record KvRefused(EngineEpoch Epoch, SequenceId Sequence);

/// <summary>The next positions hold the target-written KV of these tokens.</summary>
internal sealed record CommitKv(KvLease Lease, ImmutableArray<int> Tokens);

internal sealed record KvCommitted(EngineEpoch Epoch, SequenceId Sequence, KvBalance Balance);

/// <summary>Ends a lease that no round and no pass holds.</summary>
internal sealed record ReleaseKv(KvLease Lease);

/// <param name="Freed">Slots that hold nothing any more. A next lease may get them before the memory hears of it: its epoch is newer.</param>
internal sealed record KvReleased(EngineEpoch Epoch, KvLease Lease, ImmutableArray<int> Freed, KvBalance Balance);
