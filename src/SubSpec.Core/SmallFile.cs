namespace SubSpec.Core;

/// <summary>Reads configuration and vocabularies that somebody else has made.</summary>
public static class SmallFile
{
    /// <summary>The whole content of a regular file, behind all links. Pipes and devices, which would never end, are not opened at all.</summary>
    /// <param name="most">Bytes that such a file can have.</param>
    /// <param name="kind">What it should be, for the message.</param>
    /// <exception cref="BadInputException">It is empty, no regular file, or too large.</exception>
    /// <exception cref="IOException">It cannot be read; so says an <see cref="UnauthorizedAccessException"/>.</exception>
    public static byte[] Read(string path, int most, string kind)
    {
        string target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
        long bytes = new FileInfo(target).Length;
        // What is no regular file has no size.
        if (bytes == 0) throw new BadInputException($"{path}: empty, or no regular file: {kind} is expected; download it again");
        if (bytes > most) throw new BadInputException($"{path}: {ByteSize.Format(bytes)}, more than the {ByteSize.Format(most)} that {kind} can have");
        byte[] content = new byte[bytes];
        using FileStream stream = File.OpenRead(target);
        stream.ReadExactly(content);
        return content;
    }
}
