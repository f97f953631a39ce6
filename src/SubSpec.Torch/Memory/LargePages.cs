using System.Runtime.InteropServices;

namespace SubSpec.Torch.Memory;

/// <summary>
/// Pages of 2 MiB for large buffers, where the system gives them. Touching memory for the first time then costs a five-hundredth of
/// the page faults (seconds of loading for a gigabyte in a virtual machine), direct reads pin as much fewer pages, and walking through
/// weights misses the TLB less.
/// </summary>
internal static unsafe partial class LargePages
{
    public const int Bytes = 2 << 20;

    private const int AdviseHugePage = 14;

    /// <summary>Alignment of a buffer of this size: a large page where several fit, since the last one may stay half empty.</summary>
    public static int AlignmentFor(long bytes) => OperatingSystem.IsLinux() && bytes >= 8L * Bytes ? Bytes : NativeBuffer.Alignment;

    /// <summary>Asks for large pages under memory that nobody has touched yet. Advice only: a refusal does no harm.</summary>
    public static void Ask(byte* memory, long bytes)
    {
        if (OperatingSystem.IsLinux()) _ = Advise(memory, (nuint)bytes, AdviseHugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(byte* memory, nuint bytes, int advice);
}
