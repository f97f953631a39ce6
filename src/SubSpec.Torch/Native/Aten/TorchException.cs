namespace SubSpec.Torch.Native.Aten;

/// <summary>An operation of libtorch failed.</summary>
/// <param name="reason">Null where libtorch gives no text to callers in C but writes it to standard error, as up to 2.12.</param>
internal sealed class TorchException(string operation, string? reason) : Exception($"libtorch: {operation} failed{(reason is null ? "; it has written the reason to standard error" : ": " + reason)}");
