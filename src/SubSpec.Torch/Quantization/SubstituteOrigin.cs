namespace SubSpec.Torch.Quantization;

/// <summary>How one part of a set came about.</summary>
/// <param name="Built">Quantized now; else read from the cache.</param>
internal sealed record SubstituteOrigin(SubstitutePart Part, bool Built, QuantizationError Error);
