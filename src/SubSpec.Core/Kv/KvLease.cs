using System.Collections.Immutable;

namespace SubSpec.Core.Kv;

/// <summary>The right of one sequence to use slots of the shared KV cache.</summary>
/// <param name="Epoch">Unique and ascending over all leases of an engine; every slot remembers the epoch that opened it last.</param>
/// <param name="Slots">Slot of each position. Positions beyond the committed ones are scratch for tree nodes.</param>
public sealed record KvLease(SequenceId Sequence, long Epoch, ImmutableArray<int> Slots)
{
    /// <summary>Positions, committed and scratch, that the lease has room for.</summary>
    public int Capacity => Slots.Length;

    /// <summary>The first positions, whose KV was there already: other leases may share them, so they are only read. Less than the capacity.</summary>
    public int Cached { get; init; }
}

/// <summary>Somebody used KV slots that are no longer theirs. Always a bug: a message whose lease is over is dropped before it touches memory.</summary>
public sealed class StaleLeaseException(string message) : InvalidOperationException(message);
