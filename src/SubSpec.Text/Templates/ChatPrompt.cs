using SubSpec.Core.Text;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates;

/// <summary>The variables that Hugging Face's <c>apply_chat_template</c> gives a template.</summary>
internal static class ChatPrompt
{
    /// <param name="messages">The conversation; its texts are marked as input.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends with the opening of an answer.</param>
    /// <param name="specialTokens"><c>bos_token</c> and the like.</param>
    public static IEnumerable<KeyValuePair<string, object?>> Variables(
        IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, IReadOnlyDictionary<string, string> specialTokens)
    {
        foreach ((string name, string token) in specialTokens) yield return new(name, MarkedText.FromTemplate(token));
        yield return new("messages", messages.Select(Message).ToList());
        yield return new("add_generation_prompt", addGenerationPrompt);
        yield return new("tools", null);
        yield return new("documents", null);
    }

    private static object? Message(ChatMessage message)
    {
        var dict = new TemplateDict();
        dict.Set("role", MarkedText.FromInput(message.Role));
        dict.Set("content", MarkedText.FromInput(message.Content));
        return dict;
    }
}
