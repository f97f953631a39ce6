using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Safetensors;

/// <summary>What tells an untouched file from a changed one.</summary>
/// <param name="Bytes">Size.</param>
/// <param name="ModifiedNanoseconds">Modification time since 1970.</param>
internal readonly record struct FileStamp(long Bytes, long ModifiedNanoseconds)
{
    /// <summary>The stamp of a regular file (links are followed), or null if there is none at that path.</summary>
    public static FileStamp? OfRegularFile(string path)
    {
        if (OperatingSystem.IsLinux())
            return LibC.TryStat(path, out bool regular, out long bytes, out long modified) && regular ? new FileStamp(bytes, modified) : null;

        var file = new FileInfo(path);
        return file.Exists ? new FileStamp(file.Length, (file.LastWriteTimeUtc - DateTime.UnixEpoch).Ticks * 100) : null;
    }
}
