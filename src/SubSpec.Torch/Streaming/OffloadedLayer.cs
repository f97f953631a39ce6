using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>A layer that is streamed in every pass.</summary>
/// <param name="Tensors">Its tensors, in the order in which the layer's code asks for them.</param>
public sealed record OffloadedLayer(int Layer, IReadOnlyList<TensorInfo> Tensors);
