using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Chat;

/// <summary>Reads the tool calls of an assistant's message. OpenAI writes arguments as text, templates want them as an object.</summary>
internal static class MessageCalls
{
    private static readonly Parameter[] Fields =
    [
        new("id", "string", "of the call"),
        new("type", "string", "function"),
        new("function", "object", "name and arguments"),
        new("index", "integer", "of the call; streams have it"),
    ];

    private static readonly Parameter[] FunctionFields = [new("name", "string", "of the function"), new("arguments", "string", "a JSON object, as text")];

    /// <summary>Null where there are none.</summary>
    public static JsonArray? Read(RequestFields message)
    {
        if (message.Items("tool_calls", ServeLimits.Tools) is not { IsEmpty: false } calls) return null;
        return new JsonArray([.. calls.Select((call, i) => Call(call, $"{message.Path("tool_calls")}[{i}]"))]);
    }

    private static JsonObject Call(JsonElement json, string path)
    {
        var call = new RequestFields(json, Fields, $"{path}.");
        if (call.Text("type") is { } type and not "function") throw ApiException.Unsupported($"{path}.type", $"'{path}.type' is '{type}': give function");
        var function = new RequestFields(call.Find("function") ?? throw ApiException.Bad($"{path}.function", $"'{path}.function' is missing: give name and arguments"), FunctionFields, $"{path}.function.");
        string name = function.Text("name") ?? throw ApiException.Bad($"{path}.function.name", $"'{path}.function.name' is missing");
        return new JsonObject
        {
            ["id"] = call.Text("id") ?? "",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = name, ["arguments"] = Arguments(function) },
        };
    }

    private static JsonNode Arguments(RequestFields function)
    {
        string path = function.Path("arguments");
        try
        {
            JsonNode? node = JsonNode.Parse(function.Text("arguments") is { Length: > 0 } text ? text : "{}", documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (node is JsonObject arguments) return arguments;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The message below says it.
        }
        throw ApiException.Bad(path, $"'{path}' is no JSON object: give one, as text");
    }
}
