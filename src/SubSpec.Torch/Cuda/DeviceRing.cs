using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The slots of device memory that offloaded layers pass through. Addresses are given out only for the layer that a slot holds. When compute has been asked to use a slot for the last time it says so (<see cref="Consumed"/>); the copy that
/// fills it next waits on the device for that, not on the host.
/// </summary>
internal sealed class DeviceRing : IDisposable
{
    private readonly ICudaRuntime _cuda;
    private readonly nint[] _memory;
    private readonly nint[] _consumed;

    public DeviceRing(ICudaRuntime cuda, DeviceArena arena, IReadOnlyList<LayerLayout> layouts, int slots)
    {
        _cuda = cuda;
        Slots = new RingSlots(layouts, slots);
        SlotBytes = layouts.Select(l => SlotBytesFor(l.Tensors.Select(t => t.Bytes))).DefaultIfEmpty(0).Max();
        _memory = [.. Enumerable.Range(0, slots).Select(_ => SlotBytes == 0 ? 0 : arena.Take(SlotBytes))];
        _consumed = new nint[slots];
        try
        {
            for (int slot = 0; slot < slots; slot++) _consumed[slot] = cuda.CreateEvent();
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public int SlotCount => Slots.Count;

    /// <summary>What they hold.</summary>
    public RingSlots Slots { get; }

    /// <summary>Bytes of one slot: those of the largest layer, each tensor aligned.</summary>
    public long SlotBytes { get; }

    /// <summary>Bytes of a slot for tensors of these sizes.</summary>
    public static long SlotBytesFor(IEnumerable<long> tensors) => tensors.Sum(DeviceArena.Rounded);

    /// <summary>The host's layout of an offloaded layer. Throws <see cref="ArgumentException"/> for any other.</summary>
    public LayerLayout Layout(int layer) => Slots.Layout(layer);

    /// <summary>Address of a tensor, by its index in the layout. Throws <see cref="InvalidOperationException"/> if the slot does not hold the layer.</summary>
    public nint TensorAddress(int slot, int layer, int tensor)
    {
        Slots.CheckHolds(slot, layer);
        return AddressOf(slot, layer, tensor);
    }

    /// <summary>All that compute will do with the slot has been asked of stream 0. On the compute thread.</summary>
    public void Consumed(int slot) => _cuda.Record(_consumed[slot], 0);

    public void Dispose()
    {
        foreach (nint happening in _consumed)
            if (happening != 0) Quietly.Run(() => _cuda.DestroyEvent(happening));
        Array.Clear(_consumed);
    }

    /// <summary>Copies a layer's tensors into the slot, in the stream's turn and after compute is done with what the slot held.</summary>
    /// <param name="host">Where the layer's hulls lie in pinned memory, as <see cref="Layout"/> says: a copy may begin at any byte.</param>
    internal void Copy(int slot, int layer, nint host, nint stream)
    {
        _cuda.StreamWait(stream, _consumed[slot]);
        LayerLayout layout = Layout(layer);
        for (int i = 0; i < layout.Places.Length; i++)
            _cuda.CopyAsync(AddressOf(slot, layer, i), host + (nint)layout.Places[i].ReadOffset, layout.Places[i].Bytes, stream);
    }

    private nint AddressOf(int slot, int layer, int tensor) => _memory[slot] + (nint)SlotBytesFor(Layout(layer).Tensors.Take(tensor).Select(t => t.Bytes));
}
