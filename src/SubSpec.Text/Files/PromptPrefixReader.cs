using System.Text.Json;

namespace SubSpec.Text.Files;

/// <summary>
/// Finds the ids that a tokenizer.json's post-processor puts before a single text (the beginning-of-text token). What it would put
/// after the text is left out: a prompt is there to be continued.
/// </summary>
internal static class PromptPrefixReader
{
    public static IReadOnlyList<int> Read(JsonFile file, JsonElement? postProcessor)
    {
        if (postProcessor is not { } value) return [];
        string type = JsonFile.Type(value);
        return type switch
        {
            "ByteLevel" => [],
            "Sequence" => [.. file.Require(value, "processors", JsonValueKind.Array).EnumerateArray().SelectMany(p => Read(file, p))],
            "TemplateProcessing" => ReadTemplate(file, value),
            _ => throw file.Unsupported($"post-processor '{type}'"),
        };
    }

    private static List<int> ReadTemplate(JsonFile file, JsonElement template)
    {
        var ids = new List<int>();
        foreach (JsonElement piece in file.Require(template, "single", JsonValueKind.Array).EnumerateArray())
        {
            if (JsonFile.Find(piece, "SpecialToken") is not { } special) break;
            string name = file.Require(special, "id", JsonValueKind.String).GetString()!;
            JsonElement token = file.Require(file.Require(template, "special_tokens", JsonValueKind.Object), name, JsonValueKind.Object);
            ids.AddRange(file.Require(token, "ids", JsonValueKind.Array).EnumerateArray().Select(id => file.RequireId(id, name)));
        }

        return ids;
    }
}
