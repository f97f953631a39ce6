using SubSpec.Core;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Safetensors;

/// <summary>An open safetensors file. For one thread.</summary>
/// <param name="file">Owned.</param>
/// <param name="length">Bytes that the file had when it was validated.</param>
internal sealed unsafe class SafetensorsPayload(DirectFile file, long length) : IDisposable
{
    private readonly RangeReader _reader = new(file);

    /// <summary>Reads a range of the file. Throws <see cref="IOException"/>.</summary>
    /// <exception cref="BadInputException">The file has become shorter.</exception>
    public void Read(long offset, long bytes, byte* destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, length - offset);
        long read = _reader.Read(offset, bytes, destination);
        if (read < bytes) throw new BadInputException($"{file.Path}: checkpoint changed on disk: it ends at byte {offset + read}. Download it again.");
    }

    public void Dispose()
    {
        _reader.Dispose();
        file.Dispose();
    }
}
