using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>A JSON file of a model folder, read with errors that name the file and the key.</summary>
internal sealed class JsonFile
{
    private const long MaxBytes = 256 << 20;

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
            if (new FileInfo(path).Length > MaxBytes) throw new BadInputException($"{path} is larger than {MaxBytes >> 20} MiB: it is not a tokenizer file");
            using var document = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { MaxDepth = 128 });
            var file = new JsonFile(path, document.RootElement);
            return file.Root.ValueKind == JsonValueKind.Object ? read(file) : throw file.Damaged("it is not a JSON object");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            // InvalidOperationException: a string that is no text, such as half a surrogate pair.
            throw new BadInputException($"{path} cannot be read ({e.Message.ReplaceLineEndings(" ")}): download the file again", e);
        }
    }

    /// <summary>The member, or null when it is absent or null.</summary>
    public static JsonElement? Find(JsonElement parent, string key) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    public static bool IsTrue(JsonElement parent, string key) => Find(parent, key) is { ValueKind: JsonValueKind.True };

    /// <summary>The member's text, or null when it is absent or no string.</summary>
    public static string? Text(JsonElement parent, string key) => Find(parent, key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public JsonElement Require(JsonElement parent, string key, JsonValueKind kind) =>
        Find(parent, key) is { } value && value.ValueKind == kind
            ? value
            : throw Damaged($"'{key}' is missing or is not of kind {kind}");

    public int RequireId(JsonElement value, string of) =>
        value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out int id) && id is >= 0 and <= TokenizerDefinition.MaxId
            ? id
            : throw Damaged($"the id of '{of}' is not a number from 0 to {TokenizerDefinition.MaxId}");

    public BadInputException Damaged(string what) => new($"{Path}: {what}: the file is damaged, download it again");

    public BadInputException Unsupported(string what) =>
        new($"{Path}: {what} is not supported: use a model whose tokenizer is byte-level BPE (Qwen2, Qwen3, Llama 3 and their relatives)");
}
