using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>Computes a block of rows for one key-value head.</summary>
internal abstract unsafe class AttentionKernel
{
    /// <summary>The kernels indexed by <see cref="WeightType"/> of the KV cache.</summary>
    public static AttentionKernel[] Create(AttentionShape shape) =>
    [
        new AttentionKernel<BFloat16Weights256>(shape),
        new AttentionKernel<Float16Weights256>(shape),
        new AttentionKernel<Float32Weights256>(shape),
    ];

    /// <param name="row">First row of the block; all its rows have the same <see cref="AttentionRow.ContextSlots"/>.</param>
    public abstract void Run(in AttentionCall call, int row, int rows, int kvHead, AttentionScratch scratch);
}
