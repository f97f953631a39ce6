using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>A JSON file of a model folder, read with errors that name the file and the key.</summary>
internal sealed class JsonFile
{
    private JsonFile(string path, JsonElement root)
    {
        Path = path;
        Root = root;
    }

    public string Path { get; }

    public JsonElement Root { get; }

    /// <summary>Opens the file, reads from it and closes it.</summary>
    /// <exception cref="BadInputException">The file cannot be opened, is too large, is not a JSON object, or <paramref name="read"/> finds it damaged.</exception>
    public static T Read<T>(string path, Func<JsonFile, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(BadFile.ReadBytes(path), new JsonDocumentOptions { MaxDepth = 128 });
            var file = new JsonFile(path, document.RootElement);
            return file.Root.ValueKind == JsonValueKind.Object ? read(file) : throw file.Damaged("it is not a JSON object");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no text, such as half a surrogate pair.
            throw BadFile.Unreadable(path, e);
        }
    }

    /// <summary>The member, or null when it is absent or null.</summary>
    public static JsonElement? Find(JsonElement parent, string key) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static bool IsTrue(JsonElement parent, string key) => Find(parent, key) is { ValueKind: JsonValueKind.True };

    /// <summary>The member's text, or null when it is absent or no string.</summary>
    public static string? Text(JsonElement parent, string key) => Find(parent, key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>What a step says it is.</summary>
    public static string Type(JsonElement step) => Text(step, "type") ?? "without type";

    public JsonElement Require(JsonElement parent, string key, JsonValueKind kind) =>
        Find(parent, key) is { } value && value.ValueKind == kind
            ? value
            : throw Damaged($"'{key}' is missing or is not of kind {kind}");

    public int RequireId(JsonElement value, string of) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and <= TokenizerDefinition.MaxId
            ? id
            : throw Damaged($"the id of '{of}' is not a number from 0 to {TokenizerDefinition.MaxId}");

    /// <summary>The steps of a normalizer, pre-tokenizer or decoder: those of a Sequence, and of Sequences in it, or the step itself.</summary>
    public IEnumerable<JsonElement> Steps(JsonElement step, string listKey) =>
        Type(step) == "Sequence" ? Require(step, listKey, JsonValueKind.Array).EnumerateArray().SelectMany(s => Steps(s, listKey)) : [step];

    public BadInputException Damaged(string what) => BadFile.Damaged(Path, what);

    public BadInputException Unsupported(string what) => BadFile.Unsupported(Path, what);
}
