using SubSpec.Core;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Safetensors;

/// <summary>One validated safetensors file on disk. Holds no handle: the file is opened for each read and checked against its stamp.</summary>
internal sealed class SafetensorsFile
{
    private readonly FileStamp _stamp;

    private SafetensorsFile(string name, string path, FileStamp stamp, SafetensorsHeader header)
    {
        Name = name;
        Path = path;
        _stamp = stamp;
        Header = header;
    }

    /// <summary>The name it was asked for by, without a folder.</summary>
    public string Name { get; }

    /// <summary>The regular file behind all links.</summary>
    public string Path { get; }

    public SafetensorsHeader Header { get; }

    /// <summary>Name, size, modification time and header hash.</summary>
    public string Fingerprint => $"{Name} {_stamp.Bytes} {_stamp.ModifiedNanoseconds} {Header.Hash}";

    /// <exception cref="BadInputException">No regular file, not readable, or not valid.</exception>
    public static SafetensorsFile Open(string path)
    {
        FileStamp stamp = FileStamp.OfRegularFile(path)
            ?? throw new BadInputException($"{path}: not a regular file, or a link to nothing. Download the checkpoint again.");
        try
        {
            string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? System.IO.Path.GetFullPath(path);
            using var stream = new FileStream(target, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.RandomAccess);
            var header = SafetensorsHeader.Read(stream, path);
            if (OperatingSystem.IsLinux()) LibC.DropPages(stream.SafeFileHandle, 0, NativeBuffer.Rounded(header.PayloadOffset));
            return new SafetensorsFile(System.IO.Path.GetFileName(path), target, stamp, header);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read ({SafetensorsError.Printable(e.Message)}). Check the file and its permissions.", e);
        }
    }

    /// <exception cref="BadInputException">Size or modification time differ from when it was opened.</exception>
    public void CheckUnchanged()
    {
        if (FileStamp.OfRegularFile(Path) != _stamp)
            throw new BadInputException($"{Path}: checkpoint changed on disk since it was opened. Start again with the new file, or restore the old one.");
    }

    /// <summary>Reads a range of the file past the page cache, so that the memory budget stays honest. From several threads at once, if need be.</summary>
    public unsafe void Read(long offset, long bytes, byte* destination)
    {
        using SafetensorsPayload payload = OpenPayload(bytes);
        payload.Read(offset, bytes, destination);
    }

    /// <summary>Opens the file for reads that follow each other.</summary>
    /// <param name="bytes">How much will be read: the way past the page cache pays from a block on.</param>
    public SafetensorsPayload OpenPayload(long bytes)
    {
        CheckUnchanged();
        return new SafetensorsPayload(DirectFile.Open(Path, direct: bytes >= RangeReader.BlockBytes), _stamp.Bytes);
    }
}
