using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// One safetensors file that holds the substitutes of one part of a model. Its metadata carry a key made of all that the content
/// depends on, and a checksum of the payload.
/// </summary>
internal sealed unsafe class SubstituteCacheFile
{
    // To be raised with every change of the memory layout or of the quantizer.
    private const int FormatVersion = 2;

    private readonly IReadOnlyList<TensorInfo> _weights;
    private readonly string _key;

    /// <param name="folder">As <see cref="FolderOf"/> gives it.</param>
    /// <param name="part">Becomes the file's name.</param>
    public SubstituteCacheFile(string folder, string part, string fingerprint, IReadOnlyList<TensorInfo> weights, QuantizationSettings settings)
    {
        string[] lines = [.. weights.Select(w => $"{w.Name} {w.Type} {string.Join('x', w.Shape)}")];
        _weights = weights;
        _key = Hash(string.Join('\n', [Subject(fingerprint, settings), .. lines]));
        Path = System.IO.Path.Combine(folder, $"{part}.safetensors");
    }

    public string Path { get; }

    /// <summary>The folder of a checkpoint's substitutes within the cache.</summary>
    public static string FolderOf(string cache, string fingerprint, QuantizationSettings settings) =>
        System.IO.Path.Combine(System.IO.Path.GetFullPath(cache), $"substitutes-{settings.Bits}bit-{Hash(Subject(fingerprint, settings))[..20]}");

    /// <summary>Fills its part of the set from the file; several parts at once, if need be. Returns null if there is no file or not of this key.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public QuantizationError? Load(SubstituteSet set)
    {
        if (!File.Exists(Path)) return null;
        SafetensorsFile file = SafetensorsFile.Open(Path);
        IReadOnlyDictionary<string, string> metadata = file.Header.Metadata;
        if (metadata.GetValueOrDefault("key") != _key) return null;

        long start = file.Header.Tensors.Count == 0 ? 0 : file.Header.Tensors.Values.Min(t => t.Offset), offset = start;
        foreach (TensorInfo weight in _weights)
        {
            if (!file.Header.Tensors.TryGetValue(weight.Name, out SafetensorsTensor? tensor) || tensor.Offset != offset || tensor.Bytes != set[weight.Name].Bytes)
                throw new BadInputException($"{Path}: \"{weight.Name}\" is not where it should be");
            offset += tensor.Bytes;
        }
        string error = metadata.GetValueOrDefault("error", ""), norm = metadata.GetValueOrDefault("norm", "");
        if (metadata.GetValueOrDefault("checksum") != Checksum(Read(file, start, set), error, norm)) throw new BadInputException($"{Path}: wrong checksum");
        return new QuantizationError(Parse(error), Parse(norm), 0);
    }

    /// <summary>Writes its part of the set; the file appears whole or not at all. Throws what the file system throws.</summary>
    public void Write(SubstituteSet set, QuantizationError error, ComputeTeam team)
    {
        (nint memory, long bytes) = set.Block(_weights);
        string squaredError = Format(error.SquaredError), squaredNorm = Format(error.SquaredNorm);
        var metadata = new Dictionary<string, string>
        {
            ["key"] = _key,
            ["error"] = squaredError,
            ["norm"] = squaredNorm,
            ["checksum"] = Checksum(PayloadHash.Of(team, (byte*)memory, bytes), squaredError, squaredNorm),
        };
        using var writer = new SafetensorsWriter(Path, [.. _weights.Select(w => new SafetensorsEntry(w.Name, SafetensorsDtype.U8, [set[w.Name].Bytes]))], metadata);
        foreach (string name in _weights.Select(w => w.Name))
        {
            QuantizedMatrix matrix = set[name];
            const int Piece = 64 << 20;
            for (long done = 0; done < matrix.Bytes; done += Piece)
                writer.Write(name, new ReadOnlySpan<byte>((byte*)matrix.Data + done, (int)Math.Min(Piece, matrix.Bytes - done)));
        }
        writer.Complete();
    }

    // Each block is hashed by the thread that has just read it, while other threads read.
    private string Read(SafetensorsFile file, long start, SubstituteSet set)
    {
        (nint memory, long bytes) = set.Block(_weights);
        var hash = new PayloadHash(bytes);
        using SafetensorsPayload payload = file.OpenPayload(bytes);
        for (int block = 0; block < hash.Blocks; block++)
        {
            (long offset, int length) = hash.Block(block);
            payload.Read(start + offset, length, (byte*)memory + offset);
            hash.Add(block, (byte*)memory);
        }
        return hash.Value;
    }

    private static string Checksum(string payload, string error, string norm) => Hash($"{payload} {error} {norm}");

    private static string Subject(string fingerprint, QuantizationSettings settings) =>
        $"subspec substitutes {FormatVersion}\n{fingerprint}\n{settings.Bits} bits, group {QuantizedMatrix.Group}";

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Parse(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
