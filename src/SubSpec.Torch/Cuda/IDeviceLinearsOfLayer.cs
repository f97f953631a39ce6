using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>Which linears a layer has on the device, for the target and for the draft.</summary>
internal interface IDeviceLinearsOfLayer
{
    /// <param name="slot">Ring slot that holds the layer; -1 where it is resident.</param>
    IDeviceLinears Of(int layer, int slot);

    /// <summary>All that compute will do with the layer in the slot has been asked of the device.</summary>
    void Done(int slot);
}

/// <summary>The target's: the checkpoint's weights, resident or in a slot.</summary>
internal sealed class TargetDeviceLinears(TorchOps ops, DeviceWeights weights, DeviceRing ring) : IDeviceLinearsOfLayer, IDisposable
{
    private readonly Dictionary<(int Layer, int Slot), (FullDeviceLinears Linears, Tensor[] Views)> _cached = [];

    public IDeviceLinears Of(int layer, int slot)
    {
        // Asks the ring each time, which throws where the slot holds something else.
        if (weights.Linears[layer] is null) _ = ring.TensorAddress(slot, layer, 0);
        if (!_cached.TryGetValue((layer, slot), out (FullDeviceLinears Linears, Tensor[] Views) made))
        {
            Tensor[] views = weights.Linears[layer] is null ? InSlot(layer, slot) : [];
            _cached.Add((layer, slot), made = (new FullDeviceLinears(ops, weights.Linears[layer] ?? views, weights.Layers[layer]), views));
        }
        return made.Linears;
    }

    public void Done(int slot)
    {
        if (slot >= 0) ring.Consumed(slot);
    }

    public void Dispose()
    {
        foreach (Tensor view in _cached.Values.SelectMany(c => c.Views)) view.Dispose();
    }

    private Tensor[] InSlot(int layer, int slot) =>
        [.. ring.Layout(layer).Tensors.Select((t, i) => DeviceWeights.Transposed(ops.Api, ring.TensorAddress(slot, layer, i), t.Shape[0], t.Shape[1]))];
}

/// <summary>The draft's: substitutes, and full weights where a layer is resident without one.</summary>
internal sealed class DraftDeviceLinears(TorchOps ops, DeviceWeights weights) : IDeviceLinearsOfLayer
{
    private readonly IDeviceLinears?[] _layers = [.. weights.Layers.Select((vectors, l) => Choose(ops, weights, vectors, l))];

    public IDeviceLinears Of(int layer, int slot) => _layers[layer] ?? throw new InvalidOperationException($"layer {layer} has nothing to draft with");

    public void Done(int slot)
    {
    }

    private static IDeviceLinears? Choose(TorchOps ops, DeviceWeights weights, DeviceVectors vectors, int layer)
    {
        if (weights.Substitutes[layer] is { } substitutes) return new LowBitDeviceLinears(ops, substitutes, vectors);
        return weights.Linears[layer] is { } full ? new FullDeviceLinears(ops, full, vectors) : null;
    }
}
