using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Http.Requests;

/// <summary>
/// Reads an object of a request strictly: every field is known, of its type and in its range, or an error names it.
/// <c>null</c> is as good as absent.
/// </summary>
internal sealed class RequestFields
{
    private readonly JsonElement _object;
    private readonly string _path;

    /// <param name="path">What stands before the names in errors, as <c>messages[0].</c>; empty for the body itself.</param>
    /// <exception cref="ApiException">It is no object, or has a field that is not known, or not supported.</exception>
    public RequestFields(JsonElement json, IReadOnlyCollection<Parameter> known, string path = "")
    {
        (_object, _path) = (json, path);
        if (json.ValueKind != JsonValueKind.Object)
            throw ApiException.Bad(path.Length == 0 ? null : path.TrimEnd('.'), $"{(path.Length == 0 ? "the body" : $"'{path.TrimEnd('.')}'")} must be a JSON object, not {Kind(json)}");
        foreach (JsonProperty property in json.EnumerateObject())
        {
            if (property.Value.ValueKind != JsonValueKind.Null) Check(property, known);
        }
    }

    public string Path(string name) => _path + name;

    public JsonElement? Find(string name) => _object.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public ApiException Wrong(string name, string expected)
    {
        string got = Find(name) is { } value ? $", not {Kind(value)}" : "";
        return ApiException.Bad(Path(name), $"'{Path(name)}' must be {expected}{got}");
    }

    public string? Text(string name)
    {
        if (Find(name) is not { } value) return null;
        return value.ValueKind == JsonValueKind.String ? value.GetString() : throw Wrong(name, "a string");
    }

    public bool? Flag(string name) => Find(name) is not { } value ? null : value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw Wrong(name, "true or false"),
    };

    public int? Whole(string name, int least, int most) => (int?)Long(name, least, most);

    public long? Long(string name, long least, long most)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number) throw Wrong(name, "a whole number");
        if (!value.TryGetInt64(out long number) || number < least || number > most)
            throw ApiException.Bad(Path(name), string.Create(CultureInfo.InvariantCulture, $"'{Path(name)}' is {value.GetRawText()}: give a whole number from {least} to {most}"));
        return number;
    }

    public double? Number(string name, double least, double most)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Number) throw Wrong(name, "a number");
        if (!value.TryGetDouble(out double number) || !(number >= least && number <= most))
            throw ApiException.Bad(Path(name), string.Create(CultureInfo.InvariantCulture, $"'{Path(name)}' is {value.GetRawText()}: give a number from {least} to {most}"));
        return number;
    }

    /// <summary>The items of an array; null where it is absent.</summary>
    public ImmutableArray<JsonElement>? Items(string name, int most)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind != JsonValueKind.Array) throw Wrong(name, "an array");
        int count = value.GetArrayLength();
        return count <= most
            ? [.. value.EnumerateArray()]
            : throw ApiException.Bad(Path(name), string.Create(CultureInfo.InvariantCulture, $"'{Path(name)}' has {count} items: give at most {most}"));
    }

    public static string Kind(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => "a boolean",
    };

    private void Check(JsonProperty property, IReadOnlyCollection<Parameter> known)
    {
        string name = property.Name;
        Parameter? parameter = known.FirstOrDefault(p => p.Name == name);
        if (parameter is null)
            throw ApiException.Bad(Path(name), $"unknown parameter '{Path(name)}'{NearestName.Hint(name, known.Select(p => p.Name))}", "unknown_parameter");
        if (parameter.OnlyAs is { } accepted && !accepted.Contains(JsonSerializer.Serialize(property.Value)))
        {
            string only = accepted.IsEmpty ? "leave it out" : $"leave it out, or give {string.Join(" or ", accepted)}";
            throw ApiException.Unsupported(Path(name), $"'{Path(name)}' is not supported ({parameter.Meaning}): {only}");
        }
    }

}
