using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Core.Text;
using SubSpec.Server.Http.Errors;
using SubSpec.Server.Http.Requests;

namespace SubSpec.Server.Http.Chat;

/// <summary>Reads a conversation. What a template gets is plain: content as one text, tool arguments as objects.</summary>
internal static class MessageReader
{
    private static readonly Parameter[] Fields =
    [
        new("role", "string", "system, developer, user, assistant or tool"),
        new("content", "string|array", "text, or parts of type text"),
        new("name", "string", "of the speaker, or of the tool"),
        new("tool_calls", "array", "calls that the assistant made"),
        new("tool_call_id", "string", "the call that a tool's message answers"),
        // Clients send answers back as they got them.
        Parameter.Refused("refusal", "string", "answers have none"),
        Parameter.Refused("annotations", "array", "answers have none", "[]"),
        Parameter.Refused("audio", "object", "messages are text"),
        Parameter.Refused("function_call", "object", "give tool_calls instead"),
    ];

    private static readonly Parameter[] PartFields = [new("type", "string", "text"), new("text", "string", "the text")];

    /// <exception cref="ApiException">A message cannot be used, or there are too many, or too long ones.</exception>
    public static ImmutableArray<ChatMessage> Read(RequestFields request, ServeLimits limits)
    {
        if (request.Items("messages", limits.Messages) is not { IsEmpty: false } items) throw ApiException.Bad("messages", "'messages' is empty: give at least one message");
        long characters = 0;
        var messages = ImmutableArray.CreateBuilder<ChatMessage>(items.Length);
        for (int i = 0; i < items.Length; i++)
        {
            messages.Add(Message(new RequestFields(items[i], Fields, $"messages[{i}].")));
            characters += messages[i].Content.Length;
        }
        if (characters > limits.PromptCharacters)
            throw ApiException.Bad("messages", $"'messages' has {characters} characters: give at most {limits.PromptCharacters}", "context_length_exceeded");
        return messages.MoveToImmutable();
    }

    private static ChatMessage Message(RequestFields message)
    {
        string role = Role(message);
        JsonArray? calls = role == "assistant" ? MessageCalls.Read(message) : Absent(message, "tool_calls", "an assistant");
        string? content = Content(message);
        if (content is null && calls is null) throw ApiException.Bad(message.Path("content"), $"'{message.Path("content")}' is missing: give a string");
        string? name = message.Text("name"), callId = message.Text("tool_call_id");
        if (callId is not null && role != "tool") Absent(message, "tool_call_id", "a tool");
        if (calls is null && name is null && callId is null) return new ChatMessage(role, content!);

        var json = new JsonObject { ["role"] = role, ["content"] = content ?? "" };
        if (name is not null) json["name"] = name;
        if (calls is not null) json["tool_calls"] = calls;
        if (callId is not null) json["tool_call_id"] = callId;
        return ChatMessage.FromJson(JsonSerializer.SerializeToElement(json));
    }

    // OpenAI's newer name of the system's role; templates know the older one.
    private static string Role(RequestFields message) => message.Text("role") switch
    {
        "developer" => "system",
        "system" or "user" or "assistant" or "tool" => message.Text("role")!,
        null => throw ApiException.Bad(message.Path("role"), $"'{message.Path("role")}' is missing: give system, developer, user, assistant or tool"),
        { } other => throw ApiException.Bad(message.Path("role"), $"'{message.Path("role")}' is '{other}': give system, developer, user, assistant or tool"),
    };

    private static JsonArray? Absent(RequestFields message, string name, string who) =>
        message.Find(name) is null ? null : throw ApiException.Bad(message.Path(name), $"'{message.Path(name)}' belongs into {who}'s message");

    private static string? Content(RequestFields message)
    {
        string path = message.Path("content");
        return message.Find("content") switch
        {
            null => null,
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Array } parts => string.Join('\n', parts.EnumerateArray().Select((part, i) => Part(part, $"{path}[{i}]"))),
            _ => throw message.Wrong("content", "a string or an array of parts"),
        };
    }

    private static string Part(JsonElement json, string path)
    {
        if (json.ValueKind == JsonValueKind.Object && json.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String && !type.ValueEquals("text"u8))
            throw ApiException.Unsupported($"{path}.type", $"'{path}.type' is '{type.GetString()}': parts of type 'text' are supported only");
        var part = new RequestFields(json, PartFields, $"{path}.");
        if (part.Text("type") is null) throw ApiException.Bad($"{path}.type", $"'{path}.type' is missing: give text");
        return part.Text("text") ?? throw ApiException.Bad($"{path}.text", $"'{path}.text' is missing: give a string");
    }
}
