namespace SubSpec.Torch.Cuda;

/// <summary>What was found of a CUDA device; null is what could not be found out.</summary>
public sealed record DeviceFindings
{
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
    public bool HasBf16Units => ComputeCapability is not { Major: < 8 };
}

/// <summary>What keeps a CUDA device from being used.</summary>
/// <param name="Phrase">A few words.</param>
/// <param name="Reason">All of it, and what to do.</param>
public sealed record DeviceProblem(string Phrase, string Reason);
