using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// The slots of the fast tier that offloaded layers pass through, allocated once. Addresses are given out only for the layer that a slot holds.
/// </summary>
public sealed unsafe class WeightRing : IDisposable
{
    private readonly NativeBuffer? _buffer;

    internal WeightRing(IReadOnlyCollection<LayerLayout> layouts, int slots, int alignment = DirectFile.DefaultAlignment)
    {
        Slots = new RingSlots(layouts, slots);
        SlotBytes = SlotBytesFor(layouts, alignment);
        // Where nothing is offloaded a ring takes no memory at all, as planned.
        if (SlotBytes > 0) _buffer = new NativeBuffer(SlotBytes * slots);
    }

    /// <summary>Bytes of a slot for the largest of some layers.</summary>
    internal static long SlotBytesFor(IEnumerable<LayerLayout> layouts, int alignment) =>
        (layouts.Select(l => l.SlotBytes).DefaultIfEmpty(0).Max() + alignment - 1) / alignment * alignment;

    public int SlotCount => Slots.Count;

    /// <summary>What they hold.</summary>
    internal RingSlots Slots { get; }

    /// <summary>Bytes of one slot: those of the largest layer, in whole blocks.</summary>
    public long SlotBytes { get; }

    /// <summary>Bytes of all slots.</summary>
    public long Bytes => _buffer?.Bytes ?? 0;

    /// <summary>The layout of an offloaded layer. Throws <see cref="ArgumentException"/> for any other.</summary>
    public LayerLayout Layout(int layer) => Slots.Layout(layer);

    /// <summary>Address of a tensor, by its index in <see cref="LayerLayout.Tensors"/>. Throws <see cref="InvalidOperationException"/> if the slot does not hold the layer.</summary>
    public nint TensorAddress(int slot, int layer, int tensor)
    {
        Slots.CheckHolds(slot, layer);
        return (nint)Slot(slot) + (nint)Layout(layer).Places[tensor].Offset;
    }

    /// <summary>Address of a tensor, by name.</summary>
    public nint TensorAddress(int slot, int layer, string tensor) => TensorAddress(slot, layer, Layout(layer).IndexOf(tensor));

    public void Dispose() => _buffer?.Dispose();

    internal byte* Slot(int slot) => _buffer!.Pointer + slot * SlotBytes;
}
