namespace SubSpec.Torch.Quantization;

/// <summary>Where the substitutes came from.</summary>
/// <param name="Built">Parts (layers) that were quantized.</param>
/// <param name="Loaded">Parts that were read from the cache.</param>
/// <param name="Seconds">Time that took the whole set, reading and writing included.</param>
/// <param name="RelativeError">Frobenius norm of the error of the substitutes over that of the weights.</param>
/// <param name="CacheFolder">The cache they are kept in, or null if they are only in memory.</param>
public sealed record QuantizationReport(int Built, int Loaded, double Seconds, double RelativeError, string? CacheFolder);
