using SubSpec.Core.Kv;

namespace SubSpec.Core.Engine;

/// <summary>The memory of the one shared KV cache. Touched on the compute thread only, under a lease.</summary>
public interface IKvPool
{
    /// <summary>Token slots of the pool; every slot holds K and V of all layers.</summary>
    int SlotCount { get; }

    /// <summary>Ends the use of a lease: its slots hold nothing any more. Slots that a newer lease has opened are left alone.</summary>
    void Retire(KvLease lease);
}
