using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace SubSpec.Torch.Streaming;

/// <summary>The few calls of Linux's C library that the base class library does not offer. Error codes are left to the caller's fallback.</summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class LibC
{
    public const int ReadOnly = 0;
    public const int CloseOnExec = 0x80000;

    private const int AdviseRandom = 1;
    private const int AdviseDontNeed = 4;
    private const int AtCurrentFolder = -100;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBasic = 0x7ff;
    private const uint StatxDioAlign = 0x2000;
    private const int TypeMask = 0xF000;
    private const int RegularFile = 0x8000;
    private const int MonotonicClock = 1;
    private const int SetTimerSlack = 29;
    private const long TmpfsMagic = 0x01021994;
    private const long RamfsMagic = 0x858458F6;

    /// <summary>O_DIRECT, which is one of the flags that differ between processor families.</summary>
    public static int Direct => RuntimeInformation.ProcessArchitecture is Architecture.Arm64 or Architecture.Arm ? 0x10000 : 0x4000;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    /// <summary>Lets the kernel forget cached pages of the range; 0 bytes mean to the file's end. Advice only: a refusal does no harm.</summary>
    public static void DropPages(SafeFileHandle file, long offset, long bytes) => _ = Advise(file, offset, bytes, AdviseDontNeed);

    /// <summary>Turns read-ahead off. Advice only, as well.</summary>
    public static void ReadNothingAhead(SafeFileHandle file) => _ = Advise(file, 0, 0, AdviseRandom);

    /// <summary>Kind, size and modification time of the file behind all links; false if there is none.</summary>
    public static bool TryStat(string path, out bool regular, out long bytes, out long modifiedNanoseconds)
    {
        StatxBuffer buffer = default;
        bool found = StatX(AtCurrentFolder, path, 0, StatxBasic, &buffer) == 0;
        regular = (buffer.Mode & TypeMask) == RegularFile;
        bytes = (long)buffer.Size;
        modifiedNanoseconds = unchecked((buffer.ModifiedSeconds * 1_000_000_000) + buffer.ModifiedNanoseconds);
        return found;
    }

    /// <summary>Alignments in bytes that direct I/O asks of memory and of file offsets; null where the kernel does not say; zeros where the file refuses.</summary>
    public static (int Memory, int Offset)? DirectAlignment(int descriptor)
    {
        StatxBuffer buffer;
        if (StatX(descriptor, "", AtEmptyPath, StatxDioAlign, &buffer) != 0 || (buffer.Mask & StatxDioAlign) == 0) return null;
        return ((int)buffer.MemoryAlign, (int)buffer.OffsetAlign);
    }

    /// <summary>True for a file system that *is* the page cache: newer kernels accept direct I/O there without doing any.</summary>
    public static bool IsInMemory(int descriptor)
    {
        StatFsBuffer buffer;
        return FStatFs(descriptor, &buffer) == 0 && (buffer.Type & 0xFFFFFFFF) is TmpfsMagic or RamfsMagic;
    }

    /// <summary>Lets the calling thread's sleeps end within a microsecond of the time asked for, instead of the default 50.</summary>
    public static void SleepPrecisely() => _ = ProcessControl(SetTimerSlack, 1000, 0, 0, 0);

    public static void Sleep(TimeSpan time)
    {
        var wanted = new TimeSpec { Seconds = (nint)(time.Ticks / TimeSpan.TicksPerSecond), Nanoseconds = (nint)(time.Ticks % TimeSpan.TicksPerSecond * 100) };
        _ = ClockNanoSleep(MonotonicClock, 0, &wanted, null);
    }

    [LibraryImport("libc", EntryPoint = "posix_fadvise")]
    private static partial int Advise(SafeFileHandle file, long offset, long bytes, int advice);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatX(int folder, string path, int flags, uint mask, StatxBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "fstatfs")]
    private static partial int FStatFs(int descriptor, StatFsBuffer* buffer);

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int ProcessControl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanoSleep(int clock, int flags, TimeSpec* wanted, TimeSpec* left);

    // struct statx of linux/stat.h; the same layout on every architecture.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatxBuffer
    {
        [FieldOffset(0)]
        public uint Mask;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(40)]
        public ulong Size;

        [FieldOffset(112)]
        public long ModifiedSeconds;

        [FieldOffset(120)]
        public uint ModifiedNanoseconds;

        [FieldOffset(0x98)]
        public uint MemoryAlign;

        [FieldOffset(0x9C)]
        public uint OffsetAlign;
    }

    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct StatFsBuffer
    {
        [FieldOffset(0)]
        public long Type;
    }

    private struct TimeSpec
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
