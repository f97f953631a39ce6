namespace SubSpec.Torch.Engine;

/// <summary>The small tensors of a layer, expanded to fp32 and always resident; null biases where the family has none.</summary>
internal unsafe struct LayerVectors
{
    /// <summary>[hidden].</summary>
    public float* InputNorm;

    /// <summary>[hidden].</summary>
    public float* PostNorm;

    /// <summary>[heads * headDim].</summary>
    public float* Query;

    /// <summary>[kvHeads * headDim].</summary>
    public float* Key;

    /// <summary>[kvHeads * headDim].</summary>
    public float* Value;
}
