namespace SubSpec.Torch.Streaming;

/// <summary>One stretch of a file, from a block boundary to a block boundary (or the file's end), that holds a run of adjacent tensors.</summary>
/// <param name="Offset">First byte in the file; aligned.</param>
/// <param name="Bytes">Length; a multiple of the alignment unless the file ends there.</param>
/// <param name="SlotOffset">Where it lands in the slot; aligned, with room up to the next block boundary.</param>
internal sealed record HullRead(string File, long Offset, long Bytes, long SlotOffset);
