using System.Runtime.Intrinsics.X86;

namespace SubSpec.Torch.Quantization;

/// <summary>Which instructions the product of low-bit weights uses. All give bit-identical results.</summary>
internal enum LowBitKernel
{
    /// <summary>Plain code for any processor.</summary>
    Scalar,

    /// <summary>256-bit x86 vectors.</summary>
    Avx2,

    /// <summary>512-bit x86 vectors.</summary>
    Avx512,
}

internal static class LowBitKernels
{
    /// <summary>The fastest kernel of this processor.</summary>
    public static LowBitKernel Best =>
        IsSupported(LowBitKernel.Avx512) ? LowBitKernel.Avx512 : IsSupported(LowBitKernel.Avx2) ? LowBitKernel.Avx2 : LowBitKernel.Scalar;

    public static bool IsSupported(LowBitKernel kernel) => kernel switch
    {
        LowBitKernel.Avx512 => Avx512BW.IsSupported,
        LowBitKernel.Avx2 => Avx2.IsSupported && Fma.IsSupported,
        _ => true,
    };
}
