namespace SubSpec.Torch.Safetensors;

/// <summary>One entry of a validated safetensors header.</summary>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
/// <param name="Offset">First byte in the file, absolute.</param>
/// <param name="Bytes">Payload length; equals element size times shape.</param>
public sealed record SafetensorsTensor(string Name, SafetensorsDtype Dtype, IReadOnlyList<long> Shape, long Offset, long Bytes);
