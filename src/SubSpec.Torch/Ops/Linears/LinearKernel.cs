using System.Runtime.Intrinsics;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops.Linears;

/// <summary>Computes a range of outputs of a linear for all rows, for one weight type and one vector width.</summary>
internal abstract unsafe class LinearKernel
{
    /// <summary>Outputs that are computed together: a multiple of every kernel's own count.</summary>
    public const int BlockOuts = 12;

    /// <summary>Floats of working memory that one worker needs.</summary>
    public abstract int ScratchFloats { get; }

    public abstract int Lanes { get; }

    /// <summary>The kernels indexed by <see cref="WeightType"/>; the wide ones where AVX-512 is in hardware.</summary>
    public static LinearKernel[] Create() => Vector512.IsHardwareAccelerated ? CreateWide() : CreateNarrow();

    public static LinearKernel[] CreateNarrow() =>
    [
        new LinearKernel<Lanes256, Vector256<float>, BFloat16Weights256, PanelWeights256>(),
        new LinearKernel<Lanes256, Vector256<float>, Float16Weights256, PanelWeights256>(),
        new LinearKernel<Lanes256, Vector256<float>, Float32Weights256, PanelWeights256>(),
    ];

    public static LinearKernel[] CreateWide() =>
    [
        new LinearKernel<Lanes512, Vector512<float>, BFloat16Weights512, PanelWeights512>(),
        new LinearKernel<Lanes512, Vector512<float>, Float16Weights512, PanelWeights512>(),
        new LinearKernel<Lanes512, Vector512<float>, Float32Weights512, PanelWeights512>(),
    ];

    /// <param name="packed">The inputs as <see cref="PackedRows"/> lays them out.</param>
    /// <param name="start">First output.</param>
    /// <param name="end">End of the outputs.</param>
    /// <param name="scratch">This worker's own <see cref="ScratchFloats"/>.</param>
    public abstract void Run(in LinearCall call, float* packed, int rows, int start, int end, float* scratch);
}
