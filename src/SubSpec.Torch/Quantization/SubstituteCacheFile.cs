using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Safetensors;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// One safetensors file that holds a set of substitutes. Its name and its metadata carry a key made of all that the content depends
/// on; its metadata carry a checksum of the payload too.
/// </summary>
internal sealed unsafe class SubstituteCacheFile
{
    // To be raised with every change of the memory layout or of the quantizer.
    private const int FormatVersion = 1;

    private readonly string _key;

    public SubstituteCacheFile(string folder, string fingerprint, IReadOnlyList<TensorInfo> weights, QuantizationSettings settings)
    {
        string[] lines = [.. weights.Select(w => $"{w.Name} {w.Type} {string.Join('x', w.Shape)}")];
        _key = Hash(string.Join('\n', [$"subspec substitutes {FormatVersion}", fingerprint, $"{settings.Bits} bits, group {QuantizedMatrix.Group}", .. lines]));
        Path = System.IO.Path.Combine(folder, $"substitutes-{settings.Bits}bit-{_key[..20]}.safetensors");
    }

    public string Path { get; }

    /// <summary>Fills the set from the file. Returns null if there is no file or not of this key.</summary>
    /// <exception cref="BadInputException">The file is damaged.</exception>
    public QuantizationError? Load(SubstituteSet set, ComputeTeam team)
    {
        if (!File.Exists(Path)) return null;
        SafetensorsFile file = SafetensorsFile.Open(Path);
        IReadOnlyDictionary<string, string> metadata = file.Header.Metadata;
        if (metadata.GetValueOrDefault("key") != _key) return null;

        long start = file.Header.Tensors.Count == 0 ? 0 : file.Header.Tensors.Values.Min(t => t.Offset), offset = start;
        foreach (string name in set.Names)
        {
            if (!file.Header.Tensors.TryGetValue(name, out SafetensorsTensor? tensor) || tensor.Offset != offset || tensor.Bytes != set[name].Bytes)
                throw new BadInputException($"{Path}: \"{name}\" is not where it should be");
            offset += tensor.Bytes;
        }
        file.Read(start, set.Bytes, set.Memory);
        string error = metadata.GetValueOrDefault("error", ""), norm = metadata.GetValueOrDefault("norm", "");
        if (metadata.GetValueOrDefault("checksum") != Checksum(set, team, error, norm)) throw new BadInputException($"{Path}: wrong checksum");
        return new QuantizationError(Parse(error), Parse(norm), 0);
    }

    /// <summary>Finds out before the work is done whether its result can be kept. Throws what the file system throws.</summary>
    public void CheckWritable()
    {
        string folder = System.IO.Path.GetDirectoryName(Path)!;
        Directory.CreateDirectory(folder);
        string probe = System.IO.Path.Combine(folder, $".probe-{Guid.NewGuid():n}");
        File.Create(probe, 1, FileOptions.DeleteOnClose).Dispose();
    }

    /// <summary>Writes the set; the file appears whole or not at all. Throws what the file system throws.</summary>
    public void Write(SubstituteSet set, QuantizationError error, ComputeTeam team)
    {
        string squaredError = Format(error.SquaredError), squaredNorm = Format(error.SquaredNorm);
        var metadata = new Dictionary<string, string>
        {
            ["key"] = _key,
            ["error"] = squaredError,
            ["norm"] = squaredNorm,
            ["checksum"] = Checksum(set, team, squaredError, squaredNorm),
        };
        using var writer = new SafetensorsWriter(Path, [.. set.Names.Select(n => new SafetensorsEntry(n, SafetensorsDtype.U8, [set[n].Bytes]))], metadata);
        foreach (string name in set.Names)
        {
            QuantizedMatrix matrix = set[name];
            const int Piece = 64 << 20;
            for (long done = 0; done < matrix.Bytes; done += Piece)
                writer.Write(name, new ReadOnlySpan<byte>((byte*)matrix.Data + done, (int)Math.Min(Piece, matrix.Bytes - done)));
        }
        writer.Complete();
    }

    private static string Checksum(SubstituteSet set, ComputeTeam team, string error, string norm) =>
        Hash($"{PayloadHash.Of(team, set.Memory, set.Bytes)} {error} {norm}");

    private static string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private static string Format(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static double Parse(string text) => double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture);
}
