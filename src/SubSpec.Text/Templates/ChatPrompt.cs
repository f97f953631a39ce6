using System.Text.Json;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates;

/// <summary>The variables that Hugging Face's <c>apply_chat_template</c> gives a template.</summary>
internal static class ChatPrompt
{
    /// <param name="messages">The conversation; its texts are marked as input.</param>
    /// <param name="addGenerationPrompt">Whether the prompt ends with the opening of an answer.</param>
    /// <param name="variables">What the request adds; marked as input, too.</param>
    /// <param name="specialTokens"><c>bos_token</c> and the like.</param>
    /// <exception cref="BadInputException">The request's JSON has a text that is none, or is nested too deeply.</exception>
    public static IReadOnlyDictionary<string, object?> Variables(
        IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables variables, IReadOnlyDictionary<string, string> specialTokens)
    {
        // Later ones win: a request cannot pass off its text as the template's.
        var all = new Dictionary<string, object?>();
        if (variables.Others is { } others && JsonText.Read(others) is TemplateDict dict)
        {
            foreach ((object? name, object? value) in dict.Entries) all[((MarkedText)name!).Text] = value;
        }

        foreach ((string name, string token) in specialTokens) all[name] = MarkedText.FromTemplate(token);
        all["messages"] = messages.Select(Message).ToList();
        all["add_generation_prompt"] = addGenerationPrompt;
        all["tools"] = variables.Tools is { } tools ? JsonText.Read(tools) : null;
        all["documents"] = variables.Documents is { } documents ? JsonText.Read(documents) : null;
        return all;
    }

    private static object? Message(ChatMessage message)
    {
        if (message.Json is { } json) return JsonText.Read(json);
        var dict = new TemplateDict();
        dict.Set("role", MarkedText.FromInput(Utf16.WellFormed(message.Role)));
        dict.Set("content", MarkedText.FromInput(Utf16.WellFormed(message.Content)));
        return dict;
    }
}
