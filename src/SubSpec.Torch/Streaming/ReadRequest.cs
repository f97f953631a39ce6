namespace SubSpec.Torch.Streaming;

/// <summary>A part of a hull, small enough that several are in flight for one layer.</summary>
internal readonly record struct ReadRequest(PendingRead Read, DirectFile File, long Offset, int Bytes, nint Destination);
