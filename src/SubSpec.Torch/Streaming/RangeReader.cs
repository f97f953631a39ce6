using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// Reads any range of a file to anywhere: straight into place where offset and memory allow it, else through a block of its own.
/// For one thread.
/// </summary>
internal sealed unsafe class RangeReader(DirectFile file) : IDisposable
{
    /// <summary>Largest request.</summary>
    public const int BlockBytes = 1 << 20;

    private NativeBuffer? _block;

    /// <summary>Reads into <paramref name="destination"/> and returns how many bytes there were: fewer only where the file ends. Throws <see cref="IOException"/>.</summary>
    public long Read(long offset, long bytes, byte* destination)
    {
        long done = 0;
        while (done < bytes)
        {
            int read = IsAligned(offset + done, destination + done) && bytes - done >= file.Alignment
                ? file.Read(destination + done, (int)Math.Min(BlockBytes, (bytes - done) / file.Alignment * file.Alignment), offset + done)
                : ReadThroughBlock(offset + done, bytes - done, destination + done);
            if (read <= 0) break;
            done += read;
        }
        return done;
    }

    public void Dispose() => _block?.Dispose();

    private bool IsAligned(long offset, byte* memory) => offset % file.Alignment == 0 && (!file.IsDirect || (nint)memory % NativeBuffer.Alignment == 0);

    private int ReadThroughBlock(long offset, long bytes, byte* destination)
    {
        int before = (int)(offset % file.Alignment);
        int wanted = (int)Math.Min(BlockBytes, before + bytes);
        _block ??= new NativeBuffer(Math.Min(BlockBytes, wanted + file.Alignment));
        wanted = (int)Math.Min(_block.Bytes / file.Alignment * file.Alignment, wanted);
        int read = file.Read(_block.Pointer, wanted, offset - before) - before;
        if (read > 0) Buffer.MemoryCopy(_block.Pointer + before, destination, read, read);
        return read;
    }
}
