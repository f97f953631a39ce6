namespace SubSpec.Torch.Quantization;

/// <summary>Where the substitutes came from.</summary>
/// <param name="Loaded">Read from the cache; else built.</param>
/// <param name="Seconds">Time that took, reading and writing included.</param>
/// <param name="RelativeError">Frobenius norm of the error of all substitutes over that of the weights.</param>
/// <param name="CacheFile">The file they are cached in, or null if they are only in memory.</param>
public sealed record QuantizationReport(bool Loaded, double Seconds, double RelativeError, string? CacheFile);
