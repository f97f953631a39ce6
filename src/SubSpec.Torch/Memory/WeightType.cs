namespace SubSpec.Torch.Memory;

/// <summary>How a weight is stored. All arithmetic accumulates in 32-bit floating point.</summary>
public enum WeightType
{
    BFloat16,
    Float16,
    Float32,
}
