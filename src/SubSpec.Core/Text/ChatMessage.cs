using System.Text.Json;

namespace SubSpec.Core.Text;

/// <summary>One message of a conversation, as a chat template sees it. Whatever it holds is plain text: special tokens that stand in it are no tokens.</summary>
public sealed record ChatMessage
{
    /// <param name="role">For example <c>system</c>, <c>user</c>, <c>assistant</c> or <c>tool</c>; the template decides what it accepts.</param>
    /// <param name="content">The text.</param>
    public ChatMessage(string role, string content)
    {
        Role = role;
        Content = content;
    }

    private ChatMessage(string role, string content, JsonElement json)
        : this(role, content) => Json = json;

    /// <summary>Who speaks.</summary>
    public string Role { get; }

    /// <summary>The text; empty for a message whose content is no text (tool calls only, or a list of parts).</summary>
    public string Content { get; }

    /// <summary>The whole message where it came as JSON, with every field that a template may read (<c>tool_calls</c>, <c>name</c>, content parts); else null.</summary>
    public JsonElement? Json { get; }

    /// <summary>A message as requests write it; the template gets its fields unchanged.</summary>
    /// <exception cref="BadInputException">It is not an object with a role.</exception>
    public static ChatMessage FromJson(JsonElement message)
    {
        if (message.ValueKind != JsonValueKind.Object) throw new BadInputException("a message is not a JSON object: give an object with role and content");
        string? role = JsonTexts.Member(message, "role");
        return role is null
            ? throw new BadInputException("a message has no role: give \"role\": \"user\", for example")
            : new ChatMessage(role, JsonTexts.Member(message, "content") ?? "", message.Clone());
    }
}
