using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The slots of device memory that offloaded layers pass through. A slot is empty, being filled, or holds one layer; addresses are given out only
/// for the layer that it holds. When compute has been asked to use a slot for the last time it says so (<see cref="Consumed"/>); the copy that
/// fills it next waits on the device for that, not on the host.
/// </summary>
internal sealed class DeviceRing : IDisposable
{
    private const int Empty = -1;

    private readonly ICudaRuntime _cuda;
    private readonly Dictionary<int, LayerLayout> _layouts;
    private readonly nint[] _slots;
    private readonly int[] _holds;
    private readonly bool[] _filling;
    private readonly nint[] _consumed;

    public DeviceRing(ICudaRuntime cuda, DeviceArena arena, IReadOnlyList<LayerLayout> layouts, int slots)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(slots, 1);
        _cuda = cuda;
        _layouts = layouts.ToDictionary(l => l.Layer);
        SlotBytes = layouts.Select(l => SlotBytesFor(l.Tensors.Select(t => t.Bytes))).DefaultIfEmpty(0).Max();
        _slots = [.. Enumerable.Range(0, slots).Select(_ => SlotBytes == 0 ? 0 : arena.Take(SlotBytes))];
        _holds = new int[slots];
        Array.Fill(_holds, Empty);
        _filling = new bool[slots];
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

    public int SlotCount => _slots.Length;

    /// <summary>Bytes of one slot: those of the largest layer, each tensor aligned.</summary>
    public long SlotBytes { get; }

    /// <summary>Bytes of a slot for tensors of these sizes.</summary>
    public static long SlotBytesFor(IEnumerable<long> tensors) => tensors.Sum(DeviceArena.Rounded);

    /// <summary>The host's layout of an offloaded layer. Throws <see cref="ArgumentException"/> for any other.</summary>
    public LayerLayout Layout(int layer) => _layouts.TryGetValue(layer, out LayerLayout? layout) ? layout
        : throw new ArgumentException($"layer {layer} is not offloaded", nameof(layer));

    /// <summary>Address of a tensor, by its index in the layout. Throws <see cref="InvalidOperationException"/> if the slot does not hold the layer.</summary>
    public nint TensorAddress(int slot, int layer, int tensor)
    {
        if (Volatile.Read(ref _holds[slot]) != layer) throw new InvalidOperationException($"slot {slot} does not hold layer {layer}");
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

    /// <summary>Gives the slot to a copy. Throws <see cref="InvalidOperationException"/> while another one fills it.</summary>
    internal void BeginFill(int slot)
    {
        if (_filling[slot]) throw new InvalidOperationException($"slot {slot} is still being filled");
        _filling[slot] = true;
        Volatile.Write(ref _holds[slot], Empty);
    }

    /// <summary>Ends the copy into the slot, which then holds <paramref name="layer"/>, or nothing when that is null.</summary>
    internal void EndFill(int slot, int? layer)
    {
        _filling[slot] = false;
        Volatile.Write(ref _holds[slot], layer ?? Empty);
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

    private nint AddressOf(int slot, int layer, int tensor) => _slots[slot] + (nint)SlotBytesFor(Layout(layer).Tensors.Take(tensor).Select(t => t.Bytes));
}
