using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Engine;

/// <summary>Which linears a layer has, for the target and for the draft.</summary>
internal interface ILinearsOfLayer
{
    /// <param name="slot">Ring slot that holds the layer; -1 where it is resident.</param>
    ILayerLinears Of(int layer, int slot);
}

/// <summary>The target's: the checkpoint's weights, resident or in a slot.</summary>
/// <param name="ring">Where offloaded layers lie.</param>
/// <param name="shapes">Type and shape of each layer's linears; the addresses are not used.</param>
internal sealed class TargetLinears(HostParts parts, WeightRing ring, WeightMatrix[][] shapes) : ILinearsOfLayer
{
    private readonly FullLinears _linears = new(parts.Team, parts.Linear);
    private readonly WeightMatrix[] _slotWeights = new WeightMatrix[7];

    public ILayerLinears Of(int layer, int slot)
    {
        _linears.Use(parts.Weights.Linears(layer) ?? InSlot(layer, slot), parts.Weights.Vectors(layer));
        return _linears;
    }

    private ReadOnlySpan<WeightMatrix> InSlot(int layer, int slot)
    {
        for (int i = 0; i < _slotWeights.Length; i++)
            _slotWeights[i] = shapes[layer][i] with { Data = ring.TensorAddress(slot, layer, i) };
        return _slotWeights;
    }
}

/// <summary>The draft's: substitutes, and full weights where a layer is resident without one.</summary>
/// <param name="substitutes">Of each layer the substitutes of its linears; null where the draft uses the resident weights.</param>
internal sealed class DraftLinears(HostParts parts, QuantizedMatrix[]?[] substitutes, SubstituteLinears low) : ILinearsOfLayer
{
    private readonly FullLinears _full = new(parts.Team, parts.Linear);

    public ILayerLinears Of(int layer, int slot)
    {
        if (substitutes[layer] is { } own)
        {
            low.Use(own, parts.Weights.Vectors(layer));
            return low;
        }
        _full.Use(parts.Weights.Linears(layer), parts.Weights.Vectors(layer));
        return _full;
    }
}
