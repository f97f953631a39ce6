namespace SubSpec.Torch.Quantization;

/// <summary>One more weight has been quantized.</summary>
/// <param name="Done">Weights done, this one included.</param>
/// <param name="Total">Weights to do.</param>
/// <param name="Name">This weight.</param>
public readonly record struct QuantizationProgress(int Done, int Total, string Name);
