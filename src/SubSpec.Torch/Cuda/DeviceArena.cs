using SubSpec.Core;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// All memory of an engine on a device, taken in one piece before anything is loaded: what the plan says, and no more. Parts are handed out once
/// and freed together.
/// </summary>
internal sealed class DeviceArena : IDisposable
{
    /// <summary>Alignment of every part in bytes: what tensor cores and bulk copies ask for.</summary>
    public const int Alignment = 256;

    private readonly ICudaRuntime _cuda;
    private nint _memory;

    /// <summary>Throws <see cref="CudaException"/> where the device does not have so much.</summary>
    public DeviceArena(ICudaRuntime cuda, long bytes)
    {
        (_cuda, Bytes) = (cuda, Rounded(bytes));
        _memory = cuda.Allocate(Bytes);
    }

    public long Bytes { get; }

    /// <summary>Handed out so far.</summary>
    public long Used { get; private set; }

    /// <summary>What a part of this many bytes takes.</summary>
    public static long Rounded(long bytes) => (bytes + Alignment - 1) / Alignment * Alignment;

    /// <summary>A part of the memory. Throws <see cref="InvalidOperationException"/> where the plan was too small: a bug.</summary>
    public nint Take(long bytes)
    {
        ObjectDisposedException.ThrowIf(_memory == 0, this);
        long rounded = Rounded(bytes);
        if (Used + rounded > Bytes) throw new InvalidOperationException($"{ByteSize.Format(rounded)} more than the plan's {ByteSize.Format(Bytes)} of device memory");
        nint part = _memory + (nint)Used;
        Used += rounded;
        return part;
    }

    public void Dispose()
    {
        if (_memory == 0) return;
        nint memory = _memory;
        _memory = 0;
        _cuda.Free(memory);
    }
}
