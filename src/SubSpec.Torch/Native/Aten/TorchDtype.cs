namespace SubSpec.Torch.Native.Aten;

/// <summary>Element types, as libtorch numbers them (c10/core/ScalarType.h).</summary>
internal enum TorchDtype
{
    UInt8 = 0,
    Int32 = 3,
    Int64 = 4,
    Float32 = 6,
    BFloat16 = 15,
}
