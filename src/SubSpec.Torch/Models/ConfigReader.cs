using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Torch.Models;

/// <summary>Reads fields of a <c>config.json</c>; every complaint names the file and the field.</summary>
internal sealed class ConfigReader
{
    private const long MaxBytes = 1 << 20;

    private readonly string _file;
    private readonly JsonElement _root;

    private ConfigReader(string file, JsonElement root)
    {
        _file = file;
        _root = root;
    }

    /// <param name="path">A model folder or the file itself.</param>
    public static ConfigReader Open(string path)
    {
        string file = Directory.Exists(path) ? Path.Combine(path, "config.json") : path;
        if (!File.Exists(file)) throw new BadInputException($"{path}: no config.json there; give a model folder as downloaded from Hugging Face");
        try
        {
            if (new FileInfo(file).Length > MaxBytes) throw new BadInputException($"{file}: larger than 1 MiB, not a model's config");
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new BadInputException($"{file}: not a JSON object");
            return new ConfigReader(file, document.RootElement.Clone());
        }
        catch (JsonException e)
        {
            throw new BadInputException($"{file}: not valid JSON ({e.Message})", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{file}: cannot be read ({e.Message})", e);
        }
    }

    public string String(string field) =>
        Find(field) is { ValueKind: JsonValueKind.String } value ? value.GetString()! : throw Refuse(field, "must be a string");

    public string? OptionalString(string field) => Find(field) is null ? null : String(field);

    /// <summary>A whole number from 1 to <paramref name="most"/>.</summary>
    public int Count(string field, int most = 1 << 20)
    {
        if (Find(field) is not { ValueKind: JsonValueKind.Number } value || !value.TryGetInt32(out int count) || count < 1 || count > most)
            throw Refuse(field, $"must be a whole number from 1 to {most}");
        return count;
    }

    public int Count(string field, int absent, int most) => Find(field) is null ? absent : Count(field, most);

    /// <summary>A finite number above 0.</summary>
    public double Positive(string field, double absent)
    {
        if (Find(field) is not { } value) return absent;
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetDouble(out double number) || !double.IsFinite(number) || number <= 0)
            throw Refuse(field, "must be a number above 0");
        return number;
    }

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

    public BadInputException Refuse(string field, string why) => new($"{_file}: {field}: {why}");

    private JsonElement? Find(string field) =>
        _root.TryGetProperty(field, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;
}
