namespace SubSpec.Text.Tests.Support;

/// <summary>A folder that is gone after the test.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("subspec-text-").FullName;

    public TemporaryFolder With(string file, string content)
    {
        File.WriteAllText(System.IO.Path.Combine(Path, file), content);
        return this;
    }

    public TemporaryFolder With(string file, byte[] content)
    {
        File.WriteAllBytes(System.IO.Path.Combine(Path, file), content);
        return this;
    }

    public TemporaryFolder WithLink(string file, string target)
    {
        File.CreateSymbolicLink(System.IO.Path.Combine(Path, file), target);
        return this;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
