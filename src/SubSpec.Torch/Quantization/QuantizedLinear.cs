using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// The linear layer of the draft: y = x W^T + bias with low-bit weights and activations quantized to 8 bits a group of 64. Owns the
/// buffer of quantized activations and the team tasks, so that a call allocates nothing. Used by one thread at a time.
/// </summary>
public sealed unsafe class QuantizedLinear : IDisposable
{
    private readonly NativeBuffer _blocks;
    private readonly QuantizedTask _task;

    /// <param name="maxRows">Most rows of a call.</param>
    /// <param name="maxIn">Most input features of a weight.</param>
    public QuantizedLinear(int maxRows, int maxIn)
        : this(maxRows, maxIn, LowBitKernels.Best)
    {
    }

    internal QuantizedLinear(int maxRows, int maxIn, LowBitKernel kernel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxRows, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxIn, 1);
        MaxRows = maxRows;
        MaxIn = maxIn;
        _blocks = new NativeBuffer(ActivationBlocks.BytesOf(maxRows, maxIn));
        _task = new QuantizedTask(kernel, _blocks.Pointer);
    }

    public int MaxRows { get; }

    public int MaxIn { get; }

    /// <summary>Native memory of an instance.</summary>
    public static long BytesFor(int maxRows, int maxIn) => NativeBuffer.Rounded(ActivationBlocks.BytesOf(maxRows, maxIn));

    /// <summary>One product.</summary>
    /// <param name="bias">[out] fp32, or null.</param>
    /// <param name="x">[rows, in] fp32.</param>
    /// <param name="y">[rows, out] fp32, overwritten.</param>
    public void Forward(ComputeTeam team, QuantizedMatrix weight, float* bias, float* x, float* y, int rows) =>
        ForwardMany(team, [new QuantizedProduct(weight, bias, y)], x, rows);

    /// <summary>Several products of the same x (q, k and v; gate and up) in one round of the team: x is quantized once.</summary>
    /// <param name="products">All with the same input features.</param>
    /// <param name="x">[rows, in] fp32.</param>
    public void ForwardMany(ComputeTeam team, ReadOnlySpan<QuantizedProduct> products, float* x, int rows)
    {
        if (products.IsEmpty) return;
        int inFeatures = products[0].Weight.In;
        ArgumentOutOfRangeException.ThrowIfLessThan(rows, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(inFeatures, MaxIn);
        _task.Run(team, products, x, rows);
    }

    public void Dispose() => _blocks.Dispose();
}
