namespace SubSpec.Torch.Streaming;

/// <summary>
/// What the slots of a ring hold: a slot is empty, being filled, or holds one layer. Threads hand a slot over with the message that announces it.
/// </summary>
internal sealed class RingSlots
{
    private const int Empty = -1;

    private readonly Dictionary<int, LayerLayout> _layouts;
    private readonly int[] _holds;
    private readonly bool[] _filling;

    public RingSlots(IEnumerable<LayerLayout> layouts, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _layouts = layouts.ToDictionary(l => l.Layer);
        _holds = new int[count];
        Array.Fill(_holds, Empty);
        _filling = new bool[count];
    }

    public int Count => _holds.Length;

    /// <summary>The layout of an offloaded layer. Throws <see cref="ArgumentException"/> for any other.</summary>
    public LayerLayout Layout(int layer) => _layouts.TryGetValue(layer, out LayerLayout? layout) ? layout
        : throw new ArgumentException($"layer {layer} is not offloaded", nameof(layer));

    /// <summary>Throws <see cref="InvalidOperationException"/> if the slot does not hold the layer.</summary>
    public void CheckHolds(int slot, int layer)
    {
        if (Volatile.Read(ref _holds[slot]) != layer) throw new InvalidOperationException($"slot {slot} does not hold layer {layer}");
    }

    /// <summary>Gives the slot to a transfer. Throws <see cref="InvalidOperationException"/> while another one fills it.</summary>
    public void BeginFill(int slot)
    {
        if (_filling[slot]) throw new InvalidOperationException($"slot {slot} is still being filled");
        _filling[slot] = true;
        Volatile.Write(ref _holds[slot], Empty);
    }

    /// <summary>Ends the transfer into the slot, which then holds <paramref name="layer"/>, or nothing when that is null.</summary>
    public void EndFill(int slot, int? layer)
    {
        _filling[slot] = false;
        Volatile.Write(ref _holds[slot], layer ?? Empty);
    }
}
