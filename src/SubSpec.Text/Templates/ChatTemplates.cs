using SubSpec.Core;

namespace SubSpec.Text.Templates;

/// <summary>A model's chat templates by name. Each is parsed at its first use: one that cannot be used must not keep the model from plain prompts.</summary>
internal sealed class ChatTemplates
{
    public const string Default = "default";
    public const string ToolUse = "tool_use";
    private readonly Dictionary<string, Lazy<ChatTemplate>> _templates;

    /// <param name="sources">Where each template stands, for errors, and its text, by name.</param>
    public ChatTemplates(IReadOnlyDictionary<string, (string Origin, string Text)> sources) =>
        _templates = sources.ToDictionary(s => s.Key, s => new Lazy<ChatTemplate>(() => Parse(s.Value.Origin, s.Value.Text)));

    public bool Any => _templates.ContainsKey(Default);

    /// <summary>The template for a conversation: the one for tools, where there are both, else the default one.</summary>
    /// <exception cref="BadInputException">There is none, or it is malformed or not supported.</exception>
    public ChatTemplate Choose(bool tools)
    {
        if (!_templates.TryGetValue(Default, out Lazy<ChatTemplate>? template))
            throw new BadInputException("the model has no chat template: use a plain prompt, or put a chat_template.jinja into the model folder");
        return (tools ? _templates.GetValueOrDefault(ToolUse, template) : template).Value;
    }

    private static ChatTemplate Parse(string origin, string text)
    {
        try
        {
            return ChatTemplate.Parse(text);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{origin}: {e.Message}", e);
        }
    }
}
