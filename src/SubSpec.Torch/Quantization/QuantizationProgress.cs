namespace SubSpec.Torch.Quantization;

/// <summary>One more weight has been quantized.</summary>
/// <param name="Done">Bytes of the weights done, this one included.</param>
/// <param name="Total">Bytes of the weights to do.</param>
/// <param name="Name">This weight.</param>
public readonly record struct QuantizationProgress(long Done, long Total, string Name);
