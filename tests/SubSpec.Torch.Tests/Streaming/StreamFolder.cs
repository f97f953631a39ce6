using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Tests.Streaming;

/// <summary>A folder of random files, removed at the end of the test.</summary>
internal sealed class StreamFolder(string? parent = null) : IDisposable
{
    private readonly DirectoryInfo _folder = parent is null
        ? Directory.CreateTempSubdirectory("subspec-stream-")
        : Directory.CreateDirectory(Path.Combine(parent, $"subspec-stream-{Guid.NewGuid():N}"));

    public string Name => _folder.FullName;

    public string Add(string name, int bytes, int seed = 1)
    {
        byte[] content = new byte[bytes];
        new Random(seed).NextBytes(content);
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A file cut into equal bf16 tensors, one a layer, behind a header of the given length.</summary>
    public OffloadedLayer[] AddLayers(int layers, int bytesEach, int header = 100)
    {
        string path = Add("model.safetensors", header + layers * bytesEach);
        return [.. Enumerable.Range(0, layers).Select(l => new OffloadedLayer(l, [Tensor("w", path, header + l * bytesEach, bytesEach)]))];
    }

    public static TensorInfo Tensor(string name, string file, long offset, long bytes, WeightType type = WeightType.BFloat16) =>
        new(name, type, [1, (int)bytes], file, offset, bytes);

    /// <summary>Opens a file for writing while it is being read; the default sharing would be refused.</summary>
    public static FileStream Writer(string path) => new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);

    public void Dispose() => _folder.Delete(recursive: true);
}
