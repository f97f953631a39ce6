using SubSpec.Core;

namespace SubSpec.Cli.Output;

/// <summary>
/// A file that is written at the end of long work. Opened before the work, so that a place that cannot be written is found out
/// first; under another name until it is whole, so that nobody ever reads half of it.
/// </summary>
internal sealed class OutputFile : IDisposable
{
    private readonly string _path;
    private readonly FileStream _stream;

    private OutputFile(string path, FileStream stream) => (_path, _stream) = (path, stream);

    /// <param name="option">The option that named the file.</param>
    /// <exception cref="BadInputException">The file cannot be written.</exception>
    public static OutputFile Open(string option, string path)
    {
        try
        {
            string full = Path.GetFullPath(path);
            if (Directory.Exists(full)) throw new IOException("it is a folder");
            string folder = Path.GetDirectoryName(full)!;
            if (!Directory.Exists(folder)) throw new IOException($"there is no folder {folder}");
            string temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{Guid.NewGuid():N}.tmp");
            return new OutputFile(full, new FileStream(temporary, FileMode.CreateNew, FileAccess.Write));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BadInputException($"{option}: cannot write {path} ({OneLine.Of(e.Message)}): give a file in a folder that exists and may be written", e);
        }
    }

    /// <summary>Writes all of it, once, and gives it its name.</summary>
    public void Write(Action<Stream> write)
    {
        write(_stream);
        _stream.Dispose();
        File.Move(_stream.Name, _path, overwrite: true);
    }

    /// <summary>Leaves nothing behind of a file that was not written.</summary>
    public void Dispose()
    {
        _stream.Dispose();
        File.Delete(_stream.Name);
    }
}
