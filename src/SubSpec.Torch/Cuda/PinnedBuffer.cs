using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// Host memory that is pinned: exactly as many pages as asked for, straight from the system and registered with the runtime (libtorch's own
/// pinned memory would round every block up to a power of two).
/// </summary>
internal sealed unsafe class PinnedBuffer : IDisposable
{
    private readonly ICudaRuntime _cuda;
    private byte* _memory;

    /// <summary>Throws <see cref="CudaException"/> where the memory cannot be pinned, and <see cref="OutOfMemoryException"/> where there is none.</summary>
    public PinnedBuffer(ICudaRuntime cuda, long bytes)
    {
        if (!OperatingSystem.IsLinux()) throw new PlatformNotSupportedException("pinned memory is for Linux");
        (_cuda, Bytes) = (cuda, NativeBuffer.Rounded(bytes));
        byte* memory = LargePages.Map(Bytes);
        LargePages.Touch(memory, Bytes);
        try
        {
            cuda.Register((nint)memory, Bytes);
        }
        catch
        {
            LargePages.Unmap(memory, Bytes);
            throw;
        }
        _memory = memory;
    }

    /// <summary>Whole pages.</summary>
    public long Bytes { get; }

    /// <summary>The memory; page-aligned. Throws <see cref="ObjectDisposedException"/> after disposal.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_memory is null, this);
            return _memory;
        }
    }

    /// <summary>Unregisters once and unmaps. Copies of it must have ended.</summary>
    public void Dispose()
    {
        if (_memory is null || !OperatingSystem.IsLinux()) return;
        byte* memory = _memory;
        _memory = null;
        try
        {
            _cuda.Unregister((nint)memory);
        }
        finally
        {
            LargePages.Unmap(memory, Bytes);
        }
    }
}
