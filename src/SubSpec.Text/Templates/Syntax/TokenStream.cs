namespace SubSpec.Text.Templates.Syntax;

/// <summary>The tokens of a template, with the questions a parser asks of them.</summary>
internal sealed class TokenStream(IReadOnlyList<Token> tokens)
{
    // Some 150 brackets within each other; real templates have a handful.
    private const int MaxDepth = 500;

    private int _next;
    private int _depth;

    public Token Current => tokens[_next];

    public Token Ahead => tokens[Math.Min(_next + 1, tokens.Count - 1)];

    public int Line => Current.Line;

    public Token Take() => Current.Kind == TokenKind.End ? Current : tokens[_next++];

    public bool IsOperator(string text) => Current.Kind == TokenKind.Operator && Current.Text == text;

    public bool IsName(string text) => Current.Kind == TokenKind.Name && Current.Text == text;

    public bool TakeOperator(string text)
    {
        if (!IsOperator(text)) return false;
        _next++;
        return true;
    }

    public bool TakeName(string text)
    {
        if (!IsName(text)) return false;
        _next++;
        return true;
    }

    public Token Expect(TokenKind kind, string what)
    {
        if (Current.Kind != kind) throw Unexpected(what);
        return Take();
    }

    public void ExpectOperator(string text)
    {
        if (!TakeOperator(text)) throw Unexpected($"'{text}'");
    }

    public Core.BadInputException Unexpected(string expected) => TemplateError.At(Line, $"expected {expected}, found '{Current.Text}'");

    /// <summary>One step down in a recursion; refuses nesting that could exhaust the stack.</summary>
    public void Enter()
    {
        if (++_depth > MaxDepth) throw TemplateError.At(Line, "the template is nested too deeply");
    }

    public void Leave() => _depth--;
}
