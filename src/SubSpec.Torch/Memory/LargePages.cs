using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace SubSpec.Torch.Memory;

/// <summary>
/// Memory straight from the system, in pages of 2 MiB where it gives them. Touching memory for the first time costs seconds for a
/// gigabyte in a virtual machine, and far more in small pages: mapping does not touch it, so that the threads that fill it share that cost.
/// Large pages also make direct reads pin fewer pages and walks through weights miss the TLB less.
/// </summary>
internal static unsafe partial class LargePages
{
    public const int Bytes = 2 << 20;

    private const int ReadAndWrite = 3;
    private const int PrivateAndAnonymous = 0x22;
    private const int AdviseHugePage = 14;

    /// <summary>Whether a buffer is large enough: the last page may stay half empty.</summary>
    public static bool Suit(long bytes) => OperatingSystem.IsLinux() && bytes >= 8L * Bytes;

    /// <summary>Maps memory that reads as zero and begins at a large page. Throws <see cref="OutOfMemoryException"/> where there is none.</summary>
    [SupportedOSPlatform("linux")]
    public static byte* Map(long bytes)
    {
        byte* start = MapMemory(null, (nuint)(bytes + Bytes), ReadAndWrite, PrivateAndAnonymous, -1, 0);
        if ((nint)start == -1) throw new OutOfMemoryException($"the system has no {bytes} bytes of memory");
        long before = -(nint)start & (Bytes - 1);
        if (before > 0) Unmap(start, before);
        Unmap(start + before + bytes, Bytes - before);
        // Whole large pages only: the kernel would back the rest of the last one, too, beyond what was asked for. A refusal does no harm.
        _ = Advise(start + before, (nuint)(bytes / Bytes * Bytes), AdviseHugePage);
        return start + before;
    }

    /// <summary>Touches all of it on all processors, before somebody does who would do it alone.</summary>
    public static void Touch(byte* memory, long bytes) =>
        Parallel.For(0, (bytes + Bytes - 1) / Bytes, page =>
        {
            for (long offset = page * Bytes; offset < Math.Min(bytes, (page + 1) * Bytes); offset += NativeBuffer.Alignment) memory[offset] = 0;
        });

    [SupportedOSPlatform("linux")]
    public static void Unmap(byte* memory, long bytes) => _ = UnmapMemory(memory, (nuint)bytes);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial byte* MapMemory(byte* address, nuint bytes, int protection, int flags, int file, nint offset);

    [LibraryImport("libc", EntryPoint = "munmap")]
    private static partial int UnmapMemory(byte* address, nuint bytes);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* memory, nuint bytes, int advice);
}
