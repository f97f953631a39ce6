using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// The slots of the fast tier that offloaded layers pass through, allocated once. A slot is empty, being filled, or holds one layer;
/// addresses are given out only for the layer that it holds. Threads hand a slot over with the message that announces it.
/// </summary>
public sealed unsafe class WeightRing : IDisposable
{
    private const int Empty = -1;

    private readonly Dictionary<int, LayerLayout> _layouts;
    private readonly NativeBuffer? _buffer;
    private readonly int[] _holds;
    private readonly bool[] _filling;

    internal WeightRing(IEnumerable<LayerLayout> layouts, int slots, int alignment = DirectFile.DefaultAlignment)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _layouts = layouts.ToDictionary(l => l.Layer);
        SlotBytes = SlotBytesFor(_layouts.Values, alignment);
        // Where nothing is offloaded a ring takes no memory at all, as planned.
        if (SlotBytes > 0) _buffer = new NativeBuffer(SlotBytes * slots);
        _holds = new int[slots];
        Array.Fill(_holds, Empty);
        _filling = new bool[slots];
    }

    /// <summary>Bytes of a slot for the largest of some layers.</summary>
    internal static long SlotBytesFor(IEnumerable<LayerLayout> layouts, int alignment) =>
        (layouts.Select(l => l.SlotBytes).DefaultIfEmpty(0).Max() + alignment - 1) / alignment * alignment;

    public int SlotCount => _holds.Length;

    /// <summary>Bytes of one slot: those of the largest layer, in whole blocks.</summary>
    public long SlotBytes { get; }

    /// <summary>Bytes of all slots.</summary>
    public long Bytes => _buffer?.Bytes ?? 0;

    /// <summary>The layout of an offloaded layer. Throws <see cref="ArgumentException"/> for any other.</summary>
    public LayerLayout Layout(int layer) => _layouts.TryGetValue(layer, out LayerLayout? layout) ? layout
        : throw new ArgumentException($"layer {layer} is not offloaded", nameof(layer));

    /// <summary>Address of a tensor, by its index in <see cref="LayerLayout.Tensors"/>. Throws <see cref="InvalidOperationException"/> if the slot does not hold the layer.</summary>
    public nint TensorAddress(int slot, int layer, int tensor)
    {
        if (Volatile.Read(ref _holds[slot]) != layer) throw new InvalidOperationException($"slot {slot} does not hold layer {layer}");
        return (nint)Slot(slot) + (nint)Layout(layer).Places[tensor].Offset;
    }

    /// <summary>Address of a tensor, by name.</summary>
    public nint TensorAddress(int slot, int layer, string tensor) => TensorAddress(slot, layer, Layout(layer).IndexOf(tensor));

    public void Dispose() => _buffer?.Dispose();

    /// <summary>Gives the slot to a read. Throws <see cref="InvalidOperationException"/> while another one fills it.</summary>
    internal void BeginFill(int slot)
    {
        if (_filling[slot]) throw new InvalidOperationException($"slot {slot} is still being filled");
        _filling[slot] = true;
        Volatile.Write(ref _holds[slot], Empty);
    }

    /// <summary>Ends the read into the slot, which then holds <paramref name="layer"/>, or nothing when that is null.</summary>
    internal void EndFill(int slot, int? layer)
    {
        _filling[slot] = false;
        Volatile.Write(ref _holds[slot], layer ?? Empty);
    }

    internal byte* Slot(int slot) => _buffer!.Pointer + slot * SlotBytes;
}
