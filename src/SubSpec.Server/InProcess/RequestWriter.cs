using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using SubSpec.Core;

namespace SubSpec.Server.InProcess;

/// <summary>Writes a conversation and its options as OpenAI's API has them, so that they are read, checked and refused in one place.</summary>
internal static class RequestWriter
{
    /// <summary>What the client decides by itself.</summary>
    private static readonly string[] Ours = ["n", "stream", "stream_options"];

    /// <exception cref="BadInputException">Something in it cannot even be said there.</exception>
    public static JsonElement Write(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var list = new JsonArray();
        if (!string.IsNullOrEmpty(options?.Instructions)) list.Add(new JsonObject { ["role"] = "system", ["content"] = options.Instructions });
        foreach (JsonObject message in messages.SelectMany(MessageWriter.Write)) list.Add(message);
        var body = new JsonObject { ["messages"] = list };
        if (options is not null) Add(body, options);
        return JsonSerializer.SerializeToElement(body);
    }

    private static void Add(JsonObject body, ChatOptions options)
    {
        Refuse(options);
        Add(body, "model", options.ModelId);
        Add(body, "temperature", options.Temperature);
        Add(body, "top_p", options.TopP);
        Add(body, "top_k", options.TopK);
        Add(body, "max_completion_tokens", options.MaxOutputTokens);
        Add(body, "presence_penalty", options.PresencePenalty);
        Add(body, "frequency_penalty", options.FrequencyPenalty);
        Add(body, "seed", options.Seed);
        Add(body, "stop", options.StopSequences is { Count: > 0 } stops ? stops : null);
        Add(body, "reasoning_effort", options.Reasoning is { Effort: not null } or { Output: not null } ? "any" : null);
        Add(body, "response_format", options.ResponseFormat is ChatResponseFormatJson json ? new { type = json.Schema is null ? "json_object" : "json_schema" } : null);
        AddTools(body, options);
        foreach ((string name, object? value) in options.AdditionalProperties ?? [])
        {
            if (Ours.Contains(name)) throw new BadInputException($"'{name}' in AdditionalProperties has no place here: a call gives one answer, and the method decides whether it is streamed");
            if (body.ContainsKey(name)) throw new BadInputException($"'{name}' in AdditionalProperties is given by an option of its own as well: give it once");
            Add(body, name, value);
        }
    }

    private static void AddTools(JsonObject body, ChatOptions options)
    {
        if (options.Tools is { Count: > 0 } tools)
        {
            Add(body, "tools", new JsonArray([.. tools.Select(Tool)]));
            // False is refused there; true is what happens anyway.
            Add(body, "parallel_tool_calls", options.AllowMultipleToolCalls);
        }
        Add(body, "tool_choice", options.ToolMode switch
        {
            RequiredChatToolMode => "required",
            NoneChatToolMode when options.Tools is { Count: > 0 } => "none",
            _ => null,
        });
    }

    private static JsonNode Tool(AITool tool) => tool is AIFunctionDeclaration function
        ? new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject
            {
                ["name"] = function.Name,
                ["description"] = function.Description,
                ["parameters"] = JsonSerializer.SerializeToNode(function.JsonSchema),
            },
        }
        : throw new BadInputException($"the tool '{tool.Name}' is a {tool.GetType().Name}: functions are supported only");

    private static void Refuse(ChatOptions options)
    {
        if (options.ConversationId is not null) throw new BadInputException("ConversationId is not supported: nothing is stored here, so give all messages of the conversation each time; what they share with earlier ones is not computed again");
        if (options.RawRepresentationFactory is not null) throw new BadInputException("RawRepresentationFactory is not supported: give further parameters in AdditionalProperties, by the names that the HTTP API has for them");
#pragma warning disable MEAI001 // experimental: read to be refused
        if (options.AllowBackgroundResponses is true || options.ContinuationToken is not null) throw new BadInputException("background responses are not supported: an answer lives as long as its reader");
#pragma warning restore MEAI001
    }

    private static void Add(JsonObject body, string name, object? value)
    {
        if (value is not null) body[name] = value as JsonNode ?? JsonSerializer.SerializeToNode(value, AIJsonUtilities.DefaultOptions);
    }
}
