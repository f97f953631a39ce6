using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Core.Generation;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Completions;

/// <summary>Reads <c>prompt</c>: a text, token ids, or an array of either.</summary>
internal static class PromptReader
{
    private const string Field = "prompt";
    private const string Expected = "a string, an array of strings, or token ids";

    /// <exception cref="ApiException">It is none of these, or too much.</exception>
    public static ImmutableArray<Prompt> Read(RequestFields fields, ServeLimits limits)
    {
        JsonElement prompt = fields.Find(Field) ?? throw ApiException.Bad(Field, $"'{Field}' is missing: give {Expected}");
        if (prompt.ValueKind == JsonValueKind.String) return [Text(prompt, Field, limits)];
        if (prompt.ValueKind != JsonValueKind.Array) throw fields.Wrong(Field, Expected);
        if (prompt.GetArrayLength() == 0) throw ApiException.Bad(Field, $"'{Field}' is empty: give {Expected}");
        if (prompt[0].ValueKind == JsonValueKind.Number) return [Tokens(prompt, Field)];
        return [.. fields.Items(Field, limits.Prompts)!.Value.Select((item, i) => One(item, $"{Field}[{i}]", limits))];
    }

    private static Prompt One(JsonElement item, string path, ServeLimits limits) => item.ValueKind switch
    {
        JsonValueKind.String => Text(item, path, limits),
        JsonValueKind.Array => Tokens(item, path),
        _ => throw ApiException.Bad(path, $"'{path}' must be a string or token ids, not {RequestFields.Kind(item)}"),
    };

    private static Prompt.Text Text(JsonElement item, string path, ServeLimits limits)
    {
        string text = item.GetString()!;
        if (text.Length == 0) throw ApiException.Bad(path, $"'{path}' is empty: give at least one character");
        return text.Length <= limits.PromptCharacters
            ? new Prompt.Text(text)
            : throw ApiException.Bad(path, $"'{path}' has {text.Length} characters: give at most {limits.PromptCharacters}", "context_length_exceeded");
    }

    private static Prompt.Tokens Tokens(JsonElement items, string path)
    {
        if (items.GetArrayLength() == 0) throw ApiException.Bad(path, $"'{path}' is empty: give at least one token");
        return new Prompt.Tokens([.. items.EnumerateArray().Select(Token)]);

        int Token(JsonElement item, int i) => item.ValueKind == JsonValueKind.Number && item.TryGetInt32(out int token) && token >= 0
            ? token
            : throw ApiException.Bad($"{path}[{i}]", $"'{path}[{i}]' is no token id: give a whole number");
    }
}
