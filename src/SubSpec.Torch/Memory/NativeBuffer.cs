using System.Runtime.InteropServices;

namespace SubSpec.Torch.Memory;

/// <summary>Page-aligned native memory with one owner. <see cref="LiveBytes"/> back at its baseline is how tests find leaks.</summary>
public sealed unsafe class NativeBuffer : IDisposable
{
    /// <summary>Alignment in bytes of every buffer: what direct I/O asks for at most.</summary>
    public const int Alignment = 4096;

    private static long _liveBytes;
    private static long _peakBytes;
    private byte* _pointer;

    /// <param name="bytes">Size; rounded up to whole pages. The memory reads as zero.</param>
    public NativeBuffer(long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        Bytes = Rounded(bytes);
        if (OperatingSystem.IsLinux() && LargePages.Suit(Bytes))
        {
            _pointer = LargePages.Map(Bytes);
        }
        else
        {
            _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)Bytes, Alignment);
            NativeMemory.Clear(_pointer, (nuint)Bytes);
        }
        long live = Interlocked.Add(ref _liveBytes, Bytes), peak;
        while (live > (peak = Interlocked.Read(ref _peakBytes)) && Interlocked.CompareExchange(ref _peakBytes, live, peak) != peak) continue;
    }

    /// <summary>What a buffer of this many bytes takes: whole pages, at least one.</summary>
    public static long Rounded(long bytes) => Math.Max(Alignment, (bytes + Alignment - 1) / Alignment * Alignment);

    /// <summary>Bytes of all buffers of this process that are not disposed yet.</summary>
    public static long LiveBytes => Interlocked.Read(ref _liveBytes);

    /// <summary>The most that <see cref="LiveBytes"/> has been: the fast tier's peak on a device whose fast tier is RAM.</summary>
    public static long PeakBytes => Interlocked.Read(ref _peakBytes);

    /// <summary>Usable size in bytes.</summary>
    public long Bytes { get; }

    /// <summary>The memory. Throws <see cref="ObjectDisposedException"/> after disposal instead of handing out freed memory.</summary>
    public byte* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer is null, this);
            return _pointer;
        }
    }

    public float* Floats => (float*)Pointer;

    public void Dispose()
    {
        if (_pointer is null) return;
        if (OperatingSystem.IsLinux() && LargePages.Suit(Bytes)) LargePages.Unmap(_pointer, Bytes);
        else NativeMemory.AlignedFree(_pointer);
        _pointer = null;
        Interlocked.Add(ref _liveBytes, -Bytes);
    }
}
