using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;
using SubSpec.Core;

namespace SubSpec.Server.InProcess;

/// <summary>Writes a message as OpenAI's API has it; one with results of several calls becomes several.</summary>
internal static class MessageWriter
{
    /// <exception cref="BadInputException">It holds something that is neither text nor a call nor a result.</exception>
    public static IEnumerable<JsonObject> Write(ChatMessage message)
    {
        var texts = new List<string>();
        var calls = new JsonArray();
        var results = new List<JsonObject>();
        foreach (AIContent content in message.Contents)
        {
            switch (content)
            {
                case TextContent text:
                    texts.Add(text.Text);
                    break;
                case FunctionCallContent call:
                    calls.Add(Call(call));
                    break;
                case FunctionResultContent result:
                    results.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = result.CallId, ["content"] = Result(result.Result) });
                    break;
                default:
                    throw new BadInputException($"a message of the {message.Role.Value} holds a {content.GetType().Name}: text, function calls and their results are supported only");
            }
        }
        bool resultsOnly = results.Count > 0 && texts.Count == 0 && calls.Count == 0;
        if (resultsOnly) return results;
        var json = new JsonObject { ["role"] = message.Role.Value, ["content"] = string.Concat(texts) };
        if (message.AuthorName is { } name) json["name"] = name;
        if (calls.Count > 0) json["tool_calls"] = calls;
        return [.. results, json];
    }

    private static JsonObject Call(FunctionCallContent call) => new()
    {
        ["id"] = call.CallId,
        ["type"] = "function",
        ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = JsonSerializer.Serialize(call.Arguments ?? new Dictionary<string, object?>(), AIJsonUtilities.DefaultOptions) },
    };

    private static string Result(object? result) => result as string ?? JsonSerializer.Serialize(result, AIJsonUtilities.DefaultOptions);
}
