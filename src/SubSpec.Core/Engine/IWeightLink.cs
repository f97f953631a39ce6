namespace SubSpec.Core.Engine;

/// <summary>
/// What moves an offloaded layer from the slow tier into a slot of the fast tier. All calls come from one thread; completions
/// may come on any. A slot may be given a new read only after the last one into it has completed.
/// </summary>
public interface IWeightLink
{
    /// <summary>Slots of the ring, allocated once.</summary>
    int SlotCount { get; }

    /// <summary>Offloaded layers in the order in which a pass walks them.</summary>
    IReadOnlyList<int> OffloadedLayers { get; }

    /// <summary>Payload of one layer in bytes: the tensors that a pass consumes, without alignment padding.</summary>
    long LayerBytes(int layer);

    /// <summary>Starts reading <paramref name="layer"/> into <paramref name="slot"/>. <paramref name="completed"/> is called exactly once, after every request of the read has ended.</summary>
    void BeginRead(int layer, int slot, Action<LayerRead> completed);

    /// <summary>Asks the reads in flight to end early; each still completes (with <see cref="OperationCanceledException"/> where it was cut).</summary>
    void CancelReads();

    /// <summary>A snapshot up to now, reads in flight included. May be taken on any thread.</summary>
    LinkStats Stats { get; }
}

/// <summary>The end of one layer's read.</summary>
/// <param name="Error">Null when the slot holds the whole layer.</param>
public sealed record LayerRead(int Layer, int Slot, Exception? Error);

/// <summary>Running totals of a link.</summary>
/// <param name="BytesRead">Everything read from the slow tier, aligned hulls and unused read-ahead included.</param>
/// <param name="BusySeconds">Time during which at least one read was outstanding.</param>
/// <param name="DirectIo">False where the file system refused direct I/O and buffered reads are used.</param>
public sealed record LinkStats(long BytesRead, double BusySeconds, bool DirectIo)
{
    /// <summary>Slots of its ring: so many layers may be there before they are needed.</summary>
    public int Slots { get; init; }
}
