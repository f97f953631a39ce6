namespace SubSpec.Torch.Native.Aten;

/// <summary>Where tensors live. The same operations run on either, which is how those of the GPU are tested where there is none.</summary>
/// <param name="IsCuda">False for the processor's memory.</param>
/// <param name="Index">Of the CUDA device.</param>
internal readonly record struct TorchPlace(bool IsCuda, int Index)
{
    public static TorchPlace Cpu => new(false, 0);

    public static TorchPlace Cuda(int index) => new(true, index);

    /// <summary>As libtorch numbers device types.</summary>
    public int Type => IsCuda ? 1 : 0;

    /// <summary>As the C functions for it are named.</summary>
    public string Name => IsCuda ? "cuda" : "cpu";
}
