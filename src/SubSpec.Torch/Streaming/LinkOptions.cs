namespace SubSpec.Torch.Streaming;

/// <summary>How a <see cref="CheckpointLink"/> reads.</summary>
/// <param name="Slots">Layers that the ring holds; at least 1, 2 and more let a read run while another layer is consumed.</param>
/// <param name="BytesPerSecond">Width to which the link is slowed down on purpose; null for as fast as it goes.</param>
/// <param name="Readers">Requests in flight at once.</param>
/// <param name="RequestBytes">Largest request, rounded up to whole blocks. Measured: 4 requests of 4 MiB reach the disk's rate at the least processor time.</param>
public sealed record LinkOptions(int Slots, double? BytesPerSecond = null, int Readers = 4, int RequestBytes = 4 << 20);
