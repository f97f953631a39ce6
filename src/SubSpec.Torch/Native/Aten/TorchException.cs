namespace SubSpec.Torch.Native.Aten;

/// <summary>An operation of libtorch failed. Its C functions give no text; libtorch has written the reason to standard error.</summary>
internal sealed class TorchException(string operation) : Exception($"libtorch: {operation} failed; it has written the reason to standard error");
