namespace SubSpec.Torch.Safetensors;

/// <summary>A tensor that is going to be written.</summary>
/// <param name="Shape">Dimensions, outermost first; empty for a scalar.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsDtype Dtype, IReadOnlyList<long> Shape);
