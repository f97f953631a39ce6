using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core;

namespace SubSpec.Torch.Models;

/// <summary>Reads fields of a <c>config.json</c>; every complaint names the file and the field.</summary>
internal sealed class ConfigReader
{
    private const int MaxBytes = 1 << 20;
    private const int MaxText = 200;

    private readonly string _file;
    private readonly string _prefix;
    private readonly JsonElement _root;

    private ConfigReader(string file, string prefix, JsonElement root) => (_file, _prefix, _root) = (file, prefix, root);

    /// <summary>The names of all fields that are not null.</summary>
    public IEnumerable<string> Fields => _root.EnumerateObject().Where(f => f.Value.ValueKind != JsonValueKind.Null).Select(f => f.Name);

    /// <param name="path">A model folder or the file itself.</param>
    public static ConfigReader Open(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file)) throw new BadInputException($"{path}: no config.json there; give a model folder as downloaded from Hugging Face");
        try
        {
            return Parse(file, SmallFile.Read(file, MaxBytes, "a model's config"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read ({e.Message})", e);
        }
    }

    /// <param name="file">Named in complaints.</param>
    /// <param name="json">UTF-8.</param>
    public static ConfigReader Parse(string file, ReadOnlyMemory<byte> json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new BadInputException($"{file}: not a JSON object");
            return new ConfigReader(file, "", document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{file}: not valid JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1})", e);
        }
    }

    /// <summary>A copy to be changed.</summary>
    public JsonObject ToJson() => JsonObject.Create(_root.Clone())!;

    /// <summary>An object inside this one; null where it is not there. Complaints about its fields name both.</summary>
    public ConfigReader? Section(string field) => Find(field) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Object } value => new ConfigReader(_file, $"{_prefix}{field}.", value),
        _ => throw Refuse(field, "must be an object"),
    };

    public string String(string field) =>
        Find(field) is { ValueKind: JsonValueKind.String } value ? Text(value, field) : throw Refuse(field, Find(field) is null ? "is missing" : "must be a string");

    public string? OptionalString(string field) => Find(field) is null ? null : String(field);

    /// <summary>A list of strings; empty where it is not there.</summary>
    public string[] Strings(string field)
    {
        if (Find(field) is not { } list) return [];
        if (list.ValueKind != JsonValueKind.Array || list.EnumerateArray().Any(s => s.ValueKind != JsonValueKind.String))
            throw Refuse(field, "must be a list of strings");
        return [.. list.EnumerateArray().Select(s => Text(s, field))];
    }

    /// <summary>A whole number from 1 to <paramref name="most"/>.</summary>
    public int Count(string field, int most = 1 << 20)
    {
        if (Find(field) is not { ValueKind: JsonValueKind.Number } value || !value.TryGetInt32(out int count) || count < 1 || count > most)
            throw Refuse(field, $"{(Find(field) is null ? "is missing: " : "")}must be a whole number from 1 to {most}");
        return count;
    }

    public int Count(string field, int absent, int most) => Find(field) is null ? absent : Count(field, most);

    /// <summary>A finite number above 0.</summary>
    public double Positive(string field)
    {
        if (Find(field) is not { ValueKind: JsonValueKind.Number } value || !value.TryGetDouble(out double number) || !double.IsFinite(number) || number <= 0)
            throw Refuse(field, "must be a number above 0");
        return number;
    }

    public double Positive(string field, double absent) => Find(field) is null ? absent : Positive(field);

    public bool Flag(string field, bool absent) => Find(field)?.ValueKind switch
    {
        null => absent,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Refuse(field, "must be true or false"),
    };

    /// <summary>A number within the bounds; null where the field is absent.</summary>
    public double? Number(string field, double least, double most)
    {
        if (Find(field) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !(number >= least && number <= most))
            throw Refuse(field, FormattableString.Invariant($"must be a number from {least} to {most}"));
        return number;
    }

    /// <summary>Token ids, one or a list of them; none where the field is absent.</summary>
    public IEnumerable<int> TokenIds(string field)
    {
        if (Find(field) is not { } value) return [];
        JsonElement[] ids = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : [value];
        return [.. ids.Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int token) && token >= 0
            ? token
            : throw Refuse(field, "must be a token id or a list of them"))];
    }

    /// <summary>True when the field is there and not null.</summary>
    public bool Has(string field) => Find(field) is not null;

    public BadInputException Refuse(string field, string why) => new($"{_file}: {_prefix}{field}: {why}");

    /// <summary>Names only: what complaints may quote.</summary>
    private string Text(JsonElement value, string field)
    {
        try
        {
            string text = value.GetString()!;
            return text.Length <= MaxText && !text.Any(char.IsControl) ? text : throw Refuse(field, $"must be a text of at most {MaxText} characters, without control characters");
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException(Refuse(field, "is not text").Message, e);
        }
    }

    private JsonElement? Find(string field) =>
        _root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
