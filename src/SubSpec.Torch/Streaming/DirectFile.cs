using Microsoft.Win32.SafeHandles;
using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// A file read past the page cache. Where the file system refuses direct I/O, reads are buffered and drop their pages afterwards
/// (<see cref="IsDirect"/> is false). Reads may come from several threads at once.
/// </summary>
internal sealed unsafe class DirectFile : IDisposable
{
    /// <summary>Alignment of offsets and memory that every common file system accepts.</summary>
    public const int DefaultAlignment = NativeBuffer.Alignment;

    private readonly SafeFileHandle _handle;
    private readonly DateTime _lastWriteUtc;

    private DirectFile(string path, SafeFileHandle handle, int? directAlignment)
    {
        Path = path;
        _handle = handle;
        IsDirect = directAlignment is not null;
        Alignment = directAlignment ?? DefaultAlignment;
        Length = RandomAccess.GetLength(handle);
        _lastWriteUtc = File.GetLastWriteTimeUtc(handle);
        if (IsDirect) return;
        // Read-ahead, and large pages left from before, reach past a single read, which then could not drop them.
        if (OperatingSystem.IsLinux())
        {
            LibC.ReadNothingAhead(handle);
            LibC.DropPages(handle, 0, 0);
        }
    }

    public string Path { get; }

    /// <summary>Bytes at the time of opening.</summary>
    public long Length { get; }

    /// <summary>What offsets must be multiples of, in bytes; memory needs <see cref="NativeBuffer.Alignment"/>.</summary>
    public int Alignment { get; }

    /// <summary>False where reads go through the page cache.</summary>
    public bool IsDirect { get; }

    /// <summary>Opens for reading. Throws <see cref="BadInputException"/> where that is not possible.</summary>
    /// <param name="direct">False for buffered reads even where direct ones work.</param>
    public static DirectFile Open(string path, bool direct = true)
    {
        try
        {
            SafeFileHandle buffered = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!direct || !TryOpenDirect(path, out SafeFileHandle unbuffered, out int alignment)) return new DirectFile(path, buffered, null);
            buffered.Dispose();
            return new DirectFile(path, unbuffered, alignment);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read ({e.Message}); check the path and its permissions", e);
        }
    }

    /// <summary>
    /// Reads <paramref name="bytes"/> from <paramref name="offset"/> on and returns how many there were: fewer only where the file ends.
    /// Offset and destination are aligned; the destination has room for <paramref name="bytes"/> rounded up to <see cref="Alignment"/>.
    /// Throws <see cref="IOException"/>.
    /// </summary>
    public int Read(byte* destination, int bytes, long offset)
    {
        int room = IsDirect ? (bytes + Alignment - 1) / Alignment * Alignment : bytes;
        int done = 0;
        while (true)
        {
            int read = RandomAccess.Read(_handle, new Span<byte>(destination + done, room - done), offset + done);
            int end = done + read;
            // After a short read direct I/O can only go on from a block boundary; at the end of the file there is none to reach.
            int next = IsDirect ? end / Alignment * Alignment : end;
            if (end >= bytes || next <= done)
            {
                if (!IsDirect && OperatingSystem.IsLinux()) LibC.DropPages(_handle, offset, end);
                return Math.Min(end, bytes);
            }
            done = next;
        }
    }

    /// <summary>Whether size and modification time are still those at opening; false also where the system can no longer tell.</summary>
    public bool IsUnchanged()
    {
        try
        {
            return RandomAccess.GetLength(_handle) == Length && File.GetLastWriteTimeUtc(_handle) == _lastWriteUtc;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public void Dispose() => _handle.Dispose();

    private static bool TryOpenDirect(string path, out SafeFileHandle handle, out int alignment)
    {
        handle = new SafeFileHandle();
        alignment = DefaultAlignment;
        if (!OperatingSystem.IsLinux()) return false;
        int descriptor = LibC.Open(path, LibC.ReadOnly | LibC.Direct | LibC.CloseOnExec);
        if (descriptor < 0) return false;
        handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (!LibC.IsInMemory(descriptor))
        {
            (int memory, int offset) = LibC.DirectAlignment(descriptor) ?? (DefaultAlignment, DefaultAlignment);
            alignment = Math.Max(offset, DefaultAlignment);
            if (memory is > 0 and <= NativeBuffer.Alignment && offset > 0 && FirstBlockReads(handle, alignment)) return true;
        }
        handle.Dispose();
        return false;
    }

    /// <summary>Some file systems accept the flag and refuse the reads.</summary>
    private static bool FirstBlockReads(SafeFileHandle handle, int alignment)
    {
        using var block = new NativeBuffer(alignment);
        try
        {
            return RandomAccess.Read(handle, new Span<byte>(block.Pointer, alignment), 0) >= 0;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
