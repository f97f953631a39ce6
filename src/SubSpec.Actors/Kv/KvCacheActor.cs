using System.Collections.Immutable;
using Akka.Actor;
using SubSpec.Actors.Engines;
using SubSpec.Core.Kv;

namespace SubSpec.Actors.Kv;

/// <summary>The ledger of the one shared KV cache. It books; memory is touched on the compute thread only. A stale lease throws.</summary>
internal sealed class KvCacheActor(EngineEpoch epoch, int slotCount, TimeSpan sessionIdle, TimeProvider time) : UntypedActor
{
    private readonly KvLedger _ledger = new(slotCount, sessionIdle, time);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case ReserveKv m:
                KvLease? lease = _ledger.Reserve(m.Sequence, m.Slots, m.Prefix);
                Sender.Tell(lease is null ? new KvRefused(epoch, m.Sequence) : (object)new KvReserved(epoch, lease, _ledger.Balance));
                break;
            case CommitKv m:
                _ledger.Commit(m.Lease, m.Tokens.AsSpan());
                Sender.Tell(new KvCommitted(epoch, m.Lease.Sequence, _ledger.Balance));
                break;
            case ReleaseKv m:
                ImmutableArray<int> freed = _ledger.Release(m.Lease);
                Sender.Tell(new KvReleased(epoch, m.Lease, freed, _ledger.Balance));
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}
