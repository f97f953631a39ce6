using System.Security.Cryptography;
using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Safetensors;

/// <summary>The weights of a model folder: <c>model.safetensors</c>, or the shards that <c>model.safetensors.index.json</c> names.</summary>
public sealed class Checkpoint : ITensorSource
{
    private const string SingleFile = "model.safetensors";

    private readonly Dictionary<string, (SafetensorsTensor Tensor, SafetensorsFile File)> _tensors;
    private readonly Dictionary<string, SafetensorsFile> _filesByPath;

    private Checkpoint(string folder, Dictionary<string, (SafetensorsTensor, SafetensorsFile)> tensors, IReadOnlyCollection<SafetensorsFile> files)
    {
        Folder = folder;
        _tensors = tensors;
        _filesByPath = [];
        foreach (SafetensorsFile file in files) _filesByPath[file.Path] = file;
        string lines = string.Join('\n', files.OrderBy(f => f.Name, StringComparer.Ordinal).Select(f => f.Fingerprint));
        Fingerprint = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines)));
    }

    public string Folder { get; }

    /// <inheritdoc/>
    public string Fingerprint { get; }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Names => _tensors.Keys;

    /// <summary>All tensors with their dtypes, those included that no model can use.</summary>
    public IEnumerable<SafetensorsTensor> Tensors => _tensors.Values.Select(t => t.Tensor);

    /// <summary>Resolved paths of the files that hold the tensors.</summary>
    public IReadOnlyCollection<string> Files => _filesByPath.Keys;

    /// <summary>Opens the checkpoint and validates every header; payloads are not read.</summary>
    /// <exception cref="BadInputException">No checkpoint there, or a file of it is not valid.</exception>
    public static Checkpoint Open(string folder)
    {
        string root = Path.GetFullPath(folder);
        if (!Directory.Exists(root)) throw new BadInputException($"{folder}: no such folder. Give the folder of a model with config.json and *.safetensors.");
        if (Path.Exists(Path.Combine(root, SingleFile))) return OpenSingle(root);
        if (Path.Exists(Path.Combine(root, SafetensorsIndex.FileName))) return OpenSharded(root);
        string hint = Directory.EnumerateFiles(root, "*.bin").Any() ? "Convert its *.bin files to safetensors first: other formats are not read." : "Give the folder of a model with config.json and *.safetensors.";
        throw new BadInputException($"{folder}: neither {SingleFile} nor {SafetensorsIndex.FileName}. {hint}");
    }

    /// <inheritdoc/>
    public TensorInfo Find(string name)
    {
        if (!_tensors.TryGetValue(name, out (SafetensorsTensor Tensor, SafetensorsFile File) found))
            throw new BadInputException($"{Folder}: no tensor \"{SafetensorsError.Printable(name)}\". The checkpoint does not match its config.json: download it again.");
        WeightType type = found.Tensor.Dtype switch
        {
            SafetensorsDtype.BF16 => WeightType.BFloat16,
            SafetensorsDtype.F16 => WeightType.Float16,
            SafetensorsDtype.F32 => WeightType.Float32,
            _ => throw Unusable(found.Tensor, found.File, $"dtype {found.Tensor.Dtype.HeaderName()} is not supported. Use a checkpoint in BF16, F16 or F32."),
        };
        if (found.Tensor.Shape.Any(d => d > int.MaxValue)) throw Unusable(found.Tensor, found.File, "a dimension exceeds 2^31 - 1. Use a smaller model.");
        return new TensorInfo(name, type, [.. found.Tensor.Shape.Select(d => (int)d)], found.File.Path, found.Tensor.Offset, found.Tensor.Bytes);
    }

    /// <inheritdoc/>
    public unsafe void Read(TensorInfo tensor, byte* destination)
    {
        if (!_filesByPath.TryGetValue(tensor.File, out SafetensorsFile? file))
            throw new ArgumentException($"{tensor.File} is no file of this checkpoint", nameof(tensor));
        file.Read(tensor.Offset, tensor.Bytes, destination);
    }

    /// <inheritdoc/>
    public void CheckUnchanged()
    {
        foreach (SafetensorsFile file in _filesByPath.Values) file.CheckUnchanged();
    }

    private static Checkpoint OpenSingle(string root)
    {
        SafetensorsFile file = SafetensorsFile.Open(Path.Combine(root, SingleFile));
        return new Checkpoint(root, file.Header.Tensors.Values.ToDictionary(t => t.Name, t => (t, file)), [file]);
    }

    private static Checkpoint OpenSharded(string root)
    {
        string index = Path.Combine(root, SafetensorsIndex.FileName);
        var shards = new Dictionary<string, SafetensorsFile>();
        var tensors = new Dictionary<string, (SafetensorsTensor, SafetensorsFile)>();
        foreach ((string name, string fileName) in SafetensorsIndex.Read(index))
        {
            if (!shards.TryGetValue(fileName, out SafetensorsFile? shard))
                shards.Add(fileName, shard = SafetensorsFile.Open(Path.Combine(root, fileName)));
            if (!shard.Header.Tensors.TryGetValue(name, out SafetensorsTensor? tensor))
                throw new BadInputException($"{index}: {SafetensorsError.Field("weight_map", name)}: {fileName} has no such tensor. Download the checkpoint again.");
            tensors.Add(name, (tensor, shard));
        }
        return new Checkpoint(root, tensors, shards.Values);
    }

    private static BadInputException Unusable(SafetensorsTensor tensor, SafetensorsFile file, string what) =>
        new($"{file.Path}: \"{SafetensorsError.Printable(tensor.Name)}\": {what}");
}
