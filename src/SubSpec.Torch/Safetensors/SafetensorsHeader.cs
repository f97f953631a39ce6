using System.Buffers.Binary;
using System.Security.Cryptography;
using SubSpec.Core;

namespace SubSpec.Torch.Safetensors;

/// <summary>
/// The header of a safetensors file: eight bytes of length, then JSON. Everything is validated against the real file length
/// before any payload is touched; the rules are those of the format's reference implementation plus the limits below.
/// </summary>
internal sealed class SafetensorsHeader
{
    public const int MaxHeaderBytes = 16 * 1024 * 1024;
    public const int MaxTensors = 50_000;
    public const int MaxDimensions = 16;
    public const int LengthBytes = sizeof(ulong);

    private SafetensorsHeader(Dictionary<string, SafetensorsTensor> tensors, Dictionary<string, string> metadata, long payloadOffset, string hash)
    {
        Tensors = tensors;
        Metadata = metadata;
        PayloadOffset = payloadOffset;
        Hash = hash;
    }

    public IReadOnlyDictionary<string, SafetensorsTensor> Tensors { get; }

    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>First byte after the header.</summary>
    public long PayloadOffset { get; }

    /// <summary>SHA-256 of the JSON bytes, in hexadecimal.</summary>
    public string Hash { get; }

    /// <summary>Reads and validates the header of a whole file.</summary>
    /// <param name="stream">At its start; its length is the file's.</param>
    /// <param name="file">The name used in errors.</param>
    /// <exception cref="BadInputException">The file is no valid safetensors file, or exceeds a limit.</exception>
    public static SafetensorsHeader Read(Stream stream, string file)
    {
        long fileBytes = stream.Length;
        if (fileBytes < LengthBytes) throw SafetensorsError.Damaged(file, "header length", $"the file has only {fileBytes} bytes");

        Span<byte> prefix = stackalloc byte[LengthBytes];
        ReadAll(stream, prefix, file);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(fileBytes - LengthBytes))
            throw SafetensorsError.Damaged(file, "header length", $"{length} bytes announced, but the file has {fileBytes - LengthBytes} after the length");
        if (length > MaxHeaderBytes)
            throw SafetensorsError.Limit(file, "header length", $"{length} bytes, more than the limit of {MaxHeaderBytes}");

        byte[] json = new byte[length];
        ReadAll(stream, json, file);
        return Parse(json, fileBytes, file);
    }

    private static SafetensorsHeader Parse(byte[] json, long fileBytes, string file)
    {
        long payloadOffset = LengthBytes + json.Length;
        var parser = new SafetensorsHeaderParser(json, payloadOffset, fileBytes - payloadOffset, file);
        parser.Parse();
        CheckCoverage(parser.Tensors.Values, payloadOffset, fileBytes, file);
        return new SafetensorsHeader(parser.Tensors, parser.Metadata, payloadOffset, Convert.ToHexStringLower(SHA256.HashData(json)));
    }

    /// <summary>The format wants the payload covered exactly: no overlap, no hole, nothing behind the last tensor.</summary>
    private static void CheckCoverage(IEnumerable<SafetensorsTensor> tensors, long payloadOffset, long fileBytes, string file)
    {
        long covered = payloadOffset;
        foreach (SafetensorsTensor tensor in tensors.OrderBy(t => t.Offset).ThenBy(t => t.Bytes))
        {
            if (tensor.Offset != covered)
            {
                string what = tensor.Offset < covered ? "overlaps the tensor before it" : $"leaves a hole of {tensor.Offset - covered} bytes before it";
                throw SafetensorsError.Damaged(file, SafetensorsError.Field(tensor.Name, "data_offsets"), what);
            }
            covered += tensor.Bytes;
        }
        if (covered != fileBytes)
            throw SafetensorsError.Damaged(file, "payload", $"{fileBytes - covered} bytes at the end belong to no tensor");
    }

    private static void ReadAll(Stream stream, Span<byte> destination, string file)
    {
        if (stream.ReadAtLeast(destination, destination.Length, throwOnEndOfStream: false) < destination.Length)
            throw SafetensorsError.Damaged(file, "header", "the file ends inside it");
    }
}
