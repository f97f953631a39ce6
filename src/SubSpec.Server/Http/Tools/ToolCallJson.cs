using System.Text.Json;
using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Tools;

/// <summary>A tool call as models write it.</summary>
internal static class ToolCallJson
{
    /// <summary>Null for what is no call: then it is text.</summary>
    /// <param name="arguments">The name of the arguments' member.</param>
    public static ToolCall? Read(string text, string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            JsonElement call = document.RootElement;
            if (call.ValueKind != JsonValueKind.Object || !call.TryGetProperty("name", out JsonElement name) || name.ValueKind != JsonValueKind.String) return null;
            if (!call.TryGetProperty(arguments, out JsonElement given)) return new ToolCall(name.GetString()!, "{}");
            return given.ValueKind == JsonValueKind.Object ? new ToolCall(name.GetString()!, JsonSerializer.Serialize(given, Json.Options)) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
