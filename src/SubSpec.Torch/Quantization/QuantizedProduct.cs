namespace SubSpec.Torch.Quantization;

/// <summary>One product of a <see cref="QuantizedLinear.ForwardMany"/> call.</summary>
/// <param name="weight">[out, in].</param>
/// <param name="bias">[out] fp32, or null.</param>
/// <param name="y">[rows, out] fp32, overwritten.</param>
public readonly unsafe struct QuantizedProduct(QuantizedMatrix weight, float* bias, float* y)
{
    public QuantizedMatrix Weight { get; } = weight;

    public float* Bias { get; } = bias;

    public float* Y { get; } = y;
}
