using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Torch.Safetensors;

/// <summary>Turns the JSON of a header into entries whose sizes and bounds are proven. Accepts the structure of the format and nothing else.</summary>
internal ref struct SafetensorsHeaderParser
{
    private const string MetadataKey = "__metadata__";

    // Root object, tensor object, array: nothing valid nests deeper.
    private const int MaxDepth = 3;

    private readonly ReadOnlySpan<byte> _text;
    private readonly long _payloadOffset;
    private readonly long _payloadBytes;
    private readonly string _file;
    private Utf8JsonReader _json;

    public SafetensorsHeaderParser(ReadOnlySpan<byte> json, long payloadOffset, long payloadBytes, string file)
    {
        _text = json;
        _json = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxDepth });
        _payloadOffset = payloadOffset;
        _payloadBytes = payloadBytes;
        _file = file;
    }

    public Dictionary<string, SafetensorsTensor> Tensors { get; } = [];

    public Dictionary<string, string> Metadata { get; } = [];

    public void Parse()
    {
        if (_text.IsEmpty || _text[0] != '{') throw SafetensorsError.Damaged(_file, "header", "it does not begin with '{'");
        try
        {
            _json.Read();
            ParseRoot();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no valid UTF-8 or UTF-16.
            throw SafetensorsError.Damaged(_file, "header", $"no valid JSON near byte {_json.BytesConsumed}", e);
        }
    }

    private void ParseRoot()
    {
        bool metadataSeen = false;
        while (NextProperty() is { } name)
        {
            if (name == MetadataKey)
            {
                if (metadataSeen) throw Damaged(MetadataKey, null, "the key appears twice");
                metadataSeen = true;
                ParseMetadata();
                continue;
            }
            if (Tensors.ContainsKey(name)) throw Damaged(name, null, "the key appears twice");
            if (Tensors.Count == SafetensorsHeader.MaxTensors)
                throw SafetensorsError.Limit(_file, "header", $"more than {SafetensorsHeader.MaxTensors} tensors");
            Tensors.Add(name, ParseTensor(name));
        }
        // Only white space may follow; the reader throws on anything else.
        _json.Read();
    }

    private void ParseMetadata()
    {
        Expect(JsonTokenType.StartObject, MetadataKey, null, "an object of strings");
        while (NextProperty() is { } key)
        {
            Expect(JsonTokenType.String, MetadataKey, key, "a string");
            if (!Metadata.TryAdd(key, _json.GetString()!)) throw Damaged(MetadataKey, key, "the key appears twice");
        }
    }

    private SafetensorsTensor ParseTensor(string name)
    {
        Expect(JsonTokenType.StartObject, name, null, "an object");
        SafetensorsDtype? dtype = null;
        List<long>? shape = null;
        List<long>? offsets = null;
        while (NextProperty() is { } key)
        {
            if (key is not ("dtype" or "shape" or "data_offsets")) throw Damaged(name, key, "unknown key");
            if ((key == "dtype" && dtype is not null) || (key == "shape" && shape is not null) || (key == "data_offsets" && offsets is not null))
                throw Damaged(name, key, "the key appears twice");
            if (key == "dtype") dtype = ParseDtype(name);
            else if (key == "shape") shape = ParseIntegers(name, key, SafetensorsHeader.MaxDimensions);
            else offsets = ParseIntegers(name, key, 2);
        }
        if (dtype is null) throw Damaged(name, "dtype", "the key is missing");
        if (shape is null) throw Damaged(name, "shape", "the key is missing");
        if (offsets is null) throw Damaged(name, "data_offsets", "the key is missing");
        return Validate(name, dtype.Value, shape, offsets);
    }

    private readonly SafetensorsTensor Validate(string name, SafetensorsDtype dtype, List<long> shape, List<long> offsets)
    {
        if (offsets.Count != 2) throw Damaged(name, "data_offsets", "two offsets are expected");
        if (offsets[0] > offsets[1]) throw Damaged(name, "data_offsets", $"the end {offsets[1]} is before the start {offsets[0]}");
        if (offsets[1] > _payloadBytes) throw Damaged(name, "data_offsets", $"the end {offsets[1]} is beyond the payload of {_payloadBytes} bytes (a truncated file?)");
        if (!dtype.TryPayloadBytes(shape, out long bytes))
            throw Damaged(name, "shape", $"[{string.Join(", ", shape)}] of {dtype.HeaderName()} is no possible number of bytes");
        if (bytes != offsets[1] - offsets[0])
            throw Damaged(name, "data_offsets", $"{offsets[1] - offsets[0]} bytes, but [{string.Join(", ", shape)}] of {dtype.HeaderName()} needs {bytes}");
        return new SafetensorsTensor(name, dtype, shape, _payloadOffset + offsets[0], bytes);
    }

    private SafetensorsDtype ParseDtype(string tensor)
    {
        Expect(JsonTokenType.String, tensor, "dtype", "a string");
        string name = _json.GetString()!;
        return SafetensorsDtypes.TryParse(name, out SafetensorsDtype dtype) ? dtype : throw Damaged(tensor, "dtype", $"unknown dtype \"{SafetensorsError.Printable(name)}\"");
    }

    private List<long> ParseIntegers(string tensor, string key, int max)
    {
        Expect(JsonTokenType.StartArray, tensor, key, "an array");
        var values = new List<long>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            if (_json.TokenType != JsonTokenType.Number || !_json.TryGetInt64(out long value) || value < 0)
                throw Damaged(tensor, key, "not a whole number of 0 to 2^63 - 1");
            if (values.Count == max) throw Damaged(tensor, key, $"more than {max} numbers");
            values.Add(value);
        }
        return values;
    }

    /// <summary>The next property's name, or null at the end of the object.</summary>
    private string? NextProperty()
    {
        _json.Read();
        return _json.TokenType == JsonTokenType.EndObject ? null : _json.GetString();
    }

    private void Expect(JsonTokenType type, string tensor, string? key, string what)
    {
        _json.Read();
        if (_json.TokenType != type) throw Damaged(tensor, key, $"{what} is expected");
    }

    // The field is put into words only here: a valid header has thousands, and none of them is to be told.
    private readonly BadInputException Damaged(string tensor, string? key, string what) =>
        SafetensorsError.Damaged(_file, key is null ? $"\"{SafetensorsError.Printable(tensor)}\"" : SafetensorsError.Field(tensor, key), what);
}
