namespace SubSpec.Torch.Quantization;

/// <summary>What quantization lost, as sums that add up over matrices.</summary>
/// <param name="SquaredError">Sum of (w - quantized w)^2.</param>
/// <param name="SquaredNorm">Sum of w^2.</param>
/// <param name="Seconds">Time spent.</param>
public readonly record struct QuantizationError(double SquaredError, double SquaredNorm, double Seconds)
{
    /// <summary>Frobenius norm of the error over that of the weights.</summary>
    public double Relative => SquaredNorm > 0 ? Math.Sqrt(SquaredError / SquaredNorm) : 0;

    public static QuantizationError operator +(QuantizationError a, QuantizationError b) =>
        new(a.SquaredError + b.SquaredError, a.SquaredNorm + b.SquaredNorm, a.Seconds + b.Seconds);
}
