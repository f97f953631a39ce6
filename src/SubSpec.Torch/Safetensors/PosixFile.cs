using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SubSpec.Torch.Safetensors;

/// <summary>What .NET does not offer of the file interface of Linux.</summary>
internal static unsafe partial class PosixFile
{
    private const int CurrentFolder = -100;
    private const uint BasicStats = 0x7ff;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int AdviceDontNeed = 4;

    /// <summary>Kind, size and modification time of the file behind all links; false if there is none.</summary>
    [SupportedOSPlatform("linux")]
    public static bool TryStat(string path, out bool regular, out long bytes, out long modifiedNanoseconds)
    {
        StatxResult result = default;
        bool found = Statx(CurrentFolder, path, 0, BasicStats, &result) == 0;
        regular = (result.Mode & TypeMask) == RegularFile;
        bytes = (long)result.Size;
        modifiedNanoseconds = unchecked((result.ModifiedSeconds * 1_000_000_000) + result.ModifiedNanoseconds);
        return found;
    }

    /// <summary>Lets the kernel forget cached pages of the range. Advice only: a refusal does no harm.</summary>
    [SupportedOSPlatform("linux")]
    public static void DropPages(SafeFileHandle file, long offset, long bytes) => _ = Fadvise(file, offset, bytes, AdviceDontNeed);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int folder, string path, int flags, uint mask, StatxResult* result);

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Fadvise(SafeFileHandle file, long offset, long bytes, int advice);

    // struct statx of linux/stat.h; the same layout on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxResult
    {
        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;
    }
}
