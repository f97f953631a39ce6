namespace SubSpec.Torch.Quantization;

/// <summary>One more weight has been quantized.</summary>
/// <param name="Done">Bytes of the weights done, this one included.</param>
/// <param name="Total">Bytes of the weights to do.</param>
/// <param name="Name">This weight.</param>
/// <param name="Elapsed">Since the first weight was begun.</param>
public readonly record struct QuantizationProgress(long Done, long Total, string Name, TimeSpan Elapsed)
{
    /// <summary>Estimated time for the rest.</summary>
    public TimeSpan Left => Elapsed * ((double)(Total - Done) / Done);
}
