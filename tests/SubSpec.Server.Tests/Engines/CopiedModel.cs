namespace SubSpec.Server.Tests.Engines;

/// <summary>A copy of a model folder that a test may damage; it goes away with the test.</summary>
internal sealed class CopiedModel : IDisposable
{
    public CopiedModel(string source)
    {
        Folder = Directory.CreateTempSubdirectory("subspec-test-").FullName;
        foreach (string file in Directory.EnumerateFiles(source)) File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
    }

    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
