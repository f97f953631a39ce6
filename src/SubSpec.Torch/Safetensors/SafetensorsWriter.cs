using System.Buffers.Binary;
using System.Text.Json;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Safetensors;

/// <summary>
/// Writes a safetensors file of any size in one go: the tensors are declared first, then their payloads are streamed in that order.
/// The file appears under its name only with <see cref="Complete"/>; until then it is a temporary one, which disposal deletes.
/// </summary>
public sealed class SafetensorsWriter : IDisposable
{
    /// <summary>The payload starts at a multiple of this: direct reads can put it in place.</summary>
    public const int PayloadAlignment = 4096;

    private readonly string _path;
    private readonly string _temporary;
    private readonly (string Name, long Bytes)[] _tensors;
    private FileStream? _stream;
    private int _current;
    private long _written;

    /// <param name="path">The file to make; replaced atomically if it exists. Its folder must exist.</param>
    /// <param name="tensors">In the order of their payloads.</param>
    /// <param name="metadata">Becomes <c>__metadata__</c>.</param>
    /// <exception cref="ArgumentException">A name is used twice or reserved, a shape is impossible, or the header is beyond what readers accept.</exception>
    public SafetensorsWriter(string path, IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        byte[] header = Header(tensors, metadata, out _tensors);
        _path = Path.GetFullPath(path);
        _temporary = Path.Combine(Path.GetDirectoryName(_path)!, $".{Path.GetFileName(_path)}.{Guid.NewGuid():n}.tmp");
        _stream = new FileStream(_temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 1 << 20);
        try
        {
            _stream.Write(header);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Appends to the payload of a tensor, whole or in pieces.</summary>
    /// <exception cref="InvalidOperationException">It is another tensor's turn, or the payload exceeds the declared shape.</exception>
    public void Write(string tensor, ReadOnlySpan<byte> payload)
    {
        FileStream stream = Stream();
        SkipFinished();
        if (_current == _tensors.Length || _tensors[_current].Name != tensor)
            throw new InvalidOperationException($"not the turn of {tensor}, but of {(_current == _tensors.Length ? "none" : _tensors[_current].Name)}");
        if (payload.Length > _tensors[_current].Bytes - _written)
            throw new InvalidOperationException($"{tensor} has {_tensors[_current].Bytes - _written} bytes left, not {payload.Length}");
        stream.Write(payload);
        _written += payload.Length;
    }

    /// <summary>Flushes to the device and gives the file its name.</summary>
    /// <exception cref="InvalidOperationException">A payload is not whole yet.</exception>
    public void Complete()
    {
        FileStream stream = Stream();
        SkipFinished();
        if (_current < _tensors.Length) throw new InvalidOperationException($"{_tensors[_current].Name} is not whole: {_written} of {_tensors[_current].Bytes} bytes");
        stream.Flush(flushToDisk: true);
        if (OperatingSystem.IsLinux()) LibC.DropPages(stream.SafeFileHandle, 0, 0);
        stream.Dispose();
        File.Move(_temporary, _path, overwrite: true);
        _stream = null;
    }

    /// <summary>Deletes what was written unless it was completed.</summary>
    public void Dispose()
    {
        if (_stream is null) return;
        try
        {
            // A full disk fails again here, on the rest of the buffer; the file goes away all the same.
            _stream.Dispose();
        }
        catch (IOException)
        {
        }
        _stream = null;
        File.Delete(_temporary);
    }

    private FileStream Stream() => _stream ?? throw new ObjectDisposedException(nameof(SafetensorsWriter));

    private void SkipFinished()
    {
        while (_current < _tensors.Length && _written == _tensors[_current].Bytes)
        {
            _current++;
            _written = 0;
        }
    }

    private static byte[] Header(IReadOnlyList<SafetensorsEntry> tensors, IReadOnlyDictionary<string, string>? metadata, out (string Name, long Bytes)[] sizes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tensors.Count, SafetensorsHeader.MaxTensors);
        sizes = new (string, long)[tensors.Count];
        var names = new HashSet<string> { "__metadata__" };
        using var buffer = new MemoryStream();
        buffer.Write(new byte[SafetensorsHeader.LengthBytes]);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            if (metadata is not null) WriteMetadata(json, metadata);
            long offset = 0;
            for (int i = 0; i < sizes.Length; i++)
            {
                SafetensorsEntry tensor = tensors[i];
                if (!names.Add(tensor.Name)) throw new ArgumentException($"the name {tensor.Name} is used twice or reserved", nameof(tensors));
                if (!tensor.Dtype.TryPayloadBytes(tensor.Shape, out long bytes) || tensor.Shape.Count > SafetensorsHeader.MaxDimensions)
                    throw new ArgumentException($"{tensor.Name}: impossible shape [{string.Join(", ", tensor.Shape)}]", nameof(tensors));
                WriteTensor(json, tensor, offset, checked(offset + bytes));
                offset += bytes;
                sizes[i] = (tensor.Name, bytes);
            }
            json.WriteEndObject();
        }
        while (buffer.Length % PayloadAlignment != 0) buffer.WriteByte((byte)' ');
        ArgumentOutOfRangeException.ThrowIfGreaterThan(buffer.Length - SafetensorsHeader.LengthBytes, SafetensorsHeader.MaxHeaderBytes, nameof(tensors));
        byte[] header = buffer.ToArray();
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)(header.Length - SafetensorsHeader.LengthBytes));
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string> metadata)
    {
        json.WriteStartObject("__metadata__");
        foreach ((string key, string value) in metadata) json.WriteString(key, value);
        json.WriteEndObject();
    }

    private static void WriteTensor(Utf8JsonWriter json, SafetensorsEntry tensor, long start, long end)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Dtype.HeaderName());
        json.WriteStartArray("shape");
        foreach (long dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(start);
        json.WriteNumberValue(end);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
