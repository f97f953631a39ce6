using System.Collections.Immutable;
using SubSpec.Core.Kv;

namespace SubSpec.Core.Engine;

/// <summary>The memory of the one shared KV cache. Touched on the compute thread only, under a lease.</summary>
public interface IKvPool
{
    /// <summary>Token slots of the pool; every slot holds K and V of all layers.</summary>
    int SlotCount { get; }

    /// <summary>Ends the use of a lease. Slots that a newer lease has opened by now are left alone.</summary>
    /// <param name="freed">Slots of it that hold nothing any more. The others are shared or cached: they keep what the target has written.</param>
    void Retire(KvLease lease, ImmutableArray<int> freed);
}
