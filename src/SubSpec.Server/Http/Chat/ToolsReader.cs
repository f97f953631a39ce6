using System.Collections.Immutable;
using System.Text.Json;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Chat;

/// <summary>Reads the tools that a model may call.</summary>
internal static class ToolsReader
{
    private static readonly Parameter[] Fields = [new("type", "string", "function"), new("function", "object", "name, description and parameters")];

    private static readonly Parameter[] FunctionFields =
    [
        new("name", "string", "of the function"),
        new("description", "string", "for the model"),
        new("parameters", "object", "a JSON schema"),
        Parameter.Refused("strict", "boolean", "calls cannot be held to a schema", "false"),
    ];

    /// <summary>The tools as templates get them; null where there are none, or none may be called.</summary>
    public static JsonElement? Read(RequestFields fields)
    {
        ImmutableArray<JsonElement>? tools = fields.Items("tools", ServeLimits.Tools);
        for (int i = 0; i < tools?.Length; i++) Check(tools.Value[i], $"tools[{i}]");
        bool may = Choice(fields, tools);
        return may && tools is { IsEmpty: false } ? fields.Find("tools") : null;
    }

    /// <returns>Whether the model may call tools.</returns>
    private static bool Choice(RequestFields fields, ImmutableArray<JsonElement>? tools)
    {
        if (fields.Find("tool_choice") is not { } choice) return true;
        if (tools is null) throw ApiException.Bad("tool_choice", "'tool_choice' needs 'tools': give some, or leave it out");
        if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("auto"u8)) return true;
        if (choice.ValueKind == JsonValueKind.String && choice.ValueEquals("none"u8)) return false;
        throw ApiException.Unsupported("tool_choice", "'tool_choice' is supported as auto and none only: the model decides whether it calls a tool");
    }

    private static void Check(JsonElement json, string path)
    {
        var tool = new RequestFields(json, Fields, $"{path}.");
        if (tool.Text("type") is not "function") throw ApiException.Unsupported($"{path}.type", $"'{path}.type' must be function");
        var function = new RequestFields(tool.Find("function") ?? throw ApiException.Bad($"{path}.function", $"'{path}.function' is missing"), FunctionFields, $"{path}.function.");
        if (function.Text("name") is not { Length: > 0 }) throw ApiException.Bad($"{path}.function.name", $"'{path}.function.name' is missing");
        function.Text("description");
        if (function.Find("parameters") is { ValueKind: not JsonValueKind.Object }) throw function.Wrong("parameters", "an object");
    }
}
