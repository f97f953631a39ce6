namespace SubSpec.Torch.Cuda;

/// <summary>What was found of a CUDA device; null is what could not be found out.</summary>
public sealed record DeviceFindings
{
    /// <summary>Compute capability that a device has at least: libtorch's int4 product and its attention of bf16 are made for it (int4mm.cu, cutlassF.h).</summary>
    internal const int LeastMajor = 8;

    internal const string TooOld = "weights and substitutes are multiplied by bf16 matrix units, which devices of compute capability 8.0 (RTX 30, A100) and more have";

    /// <summary>As NVIDIA calls it, <c>cuda:N</c> where the driver does not tell; null where there is no device.</summary>
    public string? Name { get; init; }

    public (int Major, int Minor)? ComputeCapability { get; init; }

    /// <summary>Bytes of its memory.</summary>
    public (long Free, long Total)? Memory { get; init; }

    /// <summary>What bare copies from pinned memory give.</summary>
    public double? CopyBytesPerSecond { get; init; }

    /// <summary>The libtorch that would compute; null where there is none.</summary>
    public string? LibtorchFolder { get; init; }

    /// <summary>What keeps it from being used; null where it can be.</summary>
    public DeviceProblem? Problem { get; init; }

    /// <summary>False where it is known to be too old.</summary>
    public bool HasBf16Units => ComputeCapability is not { Major: < LeastMajor };
}

/// <summary>What keeps a CUDA device from being used.</summary>
/// <param name="Phrase">A few words.</param>
/// <param name="Reason">All of it, and what to do.</param>
public sealed record DeviceProblem(string Phrase, string Reason);
