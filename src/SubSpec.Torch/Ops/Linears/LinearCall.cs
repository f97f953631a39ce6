using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>One product of several that share their inputs: y = x W^T + bias.</summary>
/// <param name="weight">[out, in].</param>
/// <param name="bias">fp32 [out], or null.</param>
/// <param name="y">fp32 [rows, out].</param>
/// <param name="add">Adds to what <paramref name="y"/> holds (a residual) instead of overwriting it.</param>
internal readonly unsafe struct LinearCall(WeightMatrix weight, float* bias, float* y, bool add = false)
{
    public WeightMatrix Weight { get; } = weight;

    public float* Bias { get; } = bias;

    public float* Y { get; } = y;

    public bool Add { get; } = add;
}
