using SubSpec.Core;

namespace SubSpec.Text.Templates;

/// <summary>Errors of a chat template, which all name their line.</summary>
internal static class TemplateError
{
    public static BadInputException At(int line, string what) => new($"chat template, line {line}: {what}".ReplaceLineEndings(" "));

    public static BadInputException Unsupported(int line, string construct) =>
        At(line, $"{construct} is not supported: use a plain prompt, or a simpler chat_template.jinja in the model folder");
}
