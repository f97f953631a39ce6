using SubSpec.Text.Templates.Builtins;
using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Syntax;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates;

/// <summary>
/// A chat template: the part of Jinja 2 that such templates use, set up as Hugging Face does (trim_blocks, lstrip_blocks, loop
/// controls, immutable values). It reaches nothing but the variables it is given, and its work and text are bounded.
/// </summary>
internal sealed class ChatTemplate
{
    private const int MaxLength = 1 << 20;
    private readonly IReadOnlyList<Statement> _statements;

    private ChatTemplate(IReadOnlyList<Statement> statements) => _statements = statements;

    /// <exception cref="Core.BadInputException">The template is malformed or uses a construct that is not supported; the line and the construct are named.</exception>
    public static ChatTemplate Parse(string source) =>
        source.Length <= MaxLength
            ? new ChatTemplate(StatementParser.Parse(source))
            : throw TemplateError.At(1, $"the template is longer than {MaxLength} characters");

    /// <summary>Renders the template. Immutable: any number of threads may render at once.</summary>
    /// <param name="variables">What the template sees, as template values.</param>
    /// <param name="clock">The time that <c>strftime_now</c> tells.</param>
    /// <exception cref="Core.BadInputException">The template refuses these values, fails, or makes too much work.</exception>
    public MarkedText Render(IEnumerable<KeyValuePair<string, object?>> variables, TimeProvider clock)
    {
        var scope = new Scope(null);
        Globals.Define(scope);
        foreach ((string name, object? value) in variables) scope.Set(name, value);
        return new StatementRunner(new RenderContext(clock)).Capture(_statements, scope);
    }
}
