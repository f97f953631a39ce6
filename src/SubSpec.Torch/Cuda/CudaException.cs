namespace SubSpec.Torch.Cuda;

/// <summary>A call of NVIDIA's runtime failed.</summary>
/// <param name="call">Its name.</param>
/// <param name="code">The runtime's number of the error.</param>
/// <param name="reason">The runtime's words for it.</param>
internal sealed class CudaException(string call, int code, string reason) : IOException($"{call} failed: {reason} (error {code})")
{
    /// <summary>The runtime's number of the error.</summary>
    public int Code => code;
}
