namespace SubSpec.Torch.Quantization;

/// <summary>Weights whose substitutes are made and cached together: the linears of one layer, or the head.</summary>
/// <param name="Name">A plain file name.</param>
/// <param name="Weights">Tensors, each a matrix [out, in].</param>
/// <param name="Settings">How they are quantized.</param>
public sealed record SubstitutePart(string Name, IReadOnlyList<string> Weights, QuantizationSettings Settings);
