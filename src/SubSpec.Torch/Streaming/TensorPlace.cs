namespace SubSpec.Torch.Streaming;

/// <summary>Where a tensor lies in its slot.</summary>
/// <param name="ReadOffset">Where the read leaves it, in bytes from the slot's start.</param>
/// <param name="Offset">Where compute finds it: the same, or an aligned spot that it is copied to after the read.</param>
/// <param name="Bytes">Payload length.</param>
internal readonly record struct TensorPlace(long ReadOffset, long Offset, long Bytes)
{
    public bool IsCopied => Offset != ReadOffset;
}
