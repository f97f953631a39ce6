namespace SubSpec.Text.Templates.Values;

/// <summary>What <c>namespace()</c> makes: the one value that a template can change, to carry results out of a loop.</summary>
internal sealed class TemplateNamespace
{
    public Dictionary<string, object?> Attributes { get; } = [];
}
