namespace SubSpec.Torch.Quantization;

/// <summary>One more weight has been quantized.</summary>
/// <param name="Done">Bytes of the weights done, this one included.</param>
/// <param name="Total">Bytes of the weights to do.</param>
/// <param name="Name">This weight.</param>
/// <param name="Elapsed">Since the first weight was begun.</param>
public readonly record struct QuantizationProgress(long Done, long Total, string Name, TimeSpan Elapsed)
{
    // The first weights wait for the compiler.
    private static readonly TimeSpan TooEarly = TimeSpan.FromSeconds(1);

    /// <summary>Estimated time for the rest; null while there is too little to go by.</summary>
    public TimeSpan? Left => Elapsed < TooEarly ? null : Elapsed * ((double)(Total - Done) / Done);
}
