using System.Text.Json;

namespace SubSpec.Core.Text;

/// <summary>Texts in a request's JSON.</summary>
internal static class JsonTexts
{
    /// <summary>A member that is a text, or null.</summary>
    /// <exception cref="BadInputException">It is half a surrogate pair, which is no text.</exception>
    public static string? Member(JsonElement parent, string name)
    {
        if (!parent.TryGetProperty(name, out JsonElement value) || value.ValueKind != JsonValueKind.String) return null;
        try
        {
            return value.GetString();
        }
        catch (InvalidOperationException e)
        {
            throw new BadInputException($"\"{name}\" of a message is no text: it holds half a surrogate pair", e);
        }
    }
}
