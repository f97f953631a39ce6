namespace SubSpec.Torch.Engine;

/// <summary>The small tensors of a layer, expanded to fp32 and always resident; null biases and head norms where the model has none.</summary>
internal unsafe struct LayerVectors
{
    /// <summary>[hidden].</summary>
    public float* InputNorm;

    /// <summary>[hidden].</summary>
    public float* PostNorm;

    /// <summary>[heads * headDim].</summary>
    public float* QueryBias;

    /// <summary>[kvHeads * headDim].</summary>
    public float* KeyBias;

    /// <summary>[kvHeads * headDim].</summary>
    public float* ValueBias;

    /// <summary>[hidden].</summary>
    public float* OutputBias;

    /// <summary>[intermediate].</summary>
    public float* GateBias;

    /// <summary>[intermediate].</summary>
    public float* UpBias;

    /// <summary>[hidden].</summary>
    public float* DownBias;

    /// <summary>[headDim], the same for all heads; null together with <see cref="KeyNorm"/>.</summary>
    public float* QueryNorm;

    /// <summary>[headDim], the same for all heads.</summary>
    public float* KeyNorm;
}
