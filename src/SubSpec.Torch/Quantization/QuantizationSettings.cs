using SubSpec.Core;

namespace SubSpec.Torch.Quantization;

/// <summary>How substitutes are made. The group is always <see cref="QuantizedMatrix.Group"/> inputs.</summary>
public sealed record QuantizationSettings
{
    /// <param name="bits">Bits a weight: 3, 4 or 8; else <see cref="BadInputException"/>. 3-bit codes are stored in 4 bits.</param>
    public QuantizationSettings(int bits = 4)
    {
        if (bits is not (3 or 4 or 8)) throw new BadInputException($"substitutes of {bits} bits are not supported: use 3, 4 or 8");
        Bits = bits;
    }

    public int Bits { get; }
}
