using System.Text.Json;

namespace SubSpec.Core.Text;

/// <summary>What a chat template is given besides the messages. The JSON is copied, so that its document may be disposed of.</summary>
public sealed record ChatVariables
{
    /// <param name="tools">The list of tools that the model may call, as requests write it; null for none.</param>
    /// <param name="documents">The list of documents to answer from; null for none.</param>
    /// <param name="others">An object of further variables that the model's template knows (such as <c>enable_thinking</c>); null for none.</param>
    /// <exception cref="BadInputException">One of them is of another kind.</exception>
    public ChatVariables(JsonElement? tools = null, JsonElement? documents = null, JsonElement? others = null)
    {
        Tools = Copy(tools, JsonValueKind.Array, "tools");
        Documents = Copy(documents, JsonValueKind.Array, "documents");
        Others = Copy(others, JsonValueKind.Object, "template variables");
    }

    /// <summary>Nothing.</summary>
    public static ChatVariables None { get; } = new();

    /// <summary>The tools, or null.</summary>
    public JsonElement? Tools { get; }

    /// <summary>The documents, or null.</summary>
    public JsonElement? Documents { get; }

    /// <summary>Further variables, or null. They cannot replace those that every template gets.</summary>
    public JsonElement? Others { get; }

    private static JsonElement? Copy(JsonElement? json, JsonValueKind kind, string name)
    {
        if (json is not { ValueKind: not JsonValueKind.Null } value) return null;
        return value.ValueKind == kind ? value.Clone() : throw new BadInputException($"{name} must be a JSON {kind.ToString().ToLowerInvariant()}, not {value.ValueKind}");
    }
}
