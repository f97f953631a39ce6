namespace SubSpec.Text.Templates.Syntax;

/// <summary>Cuts the inside of one tag into names, literals and operators.</summary>
/// <param name="source">The whole template.</param>
/// <param name="position">Where the inside begins.</param>
/// <param name="line">The line of that place.</param>
/// <param name="close">What ends the tag: <c>%}</c> or <c>}}</c>.</param>
internal sealed class ExpressionLexer(string source, int position, int line, string close)
{
    private static readonly string[] Operators =
        ["**", "//", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", "|", "(", ")", "[", "]", "{", "}"];

    private readonly Stack<char> _open = [];
    private readonly int _firstLine = line;

    public int Position { get; private set; } = position;

    public int Line { get; private set; } = line;

    /// <summary>Appends the tokens up to the tag's end, passes it, and returns its sign: <c>-</c>, <c>+</c> or a space.</summary>
    public char Read(List<Token> tokens)
    {
        while (Position < source.Length)
        {
            char c = source[Position];
            if (char.IsWhiteSpace(c))
            {
                if (c == '\n') Line++;
                Position++;
                continue;
            }

            // Inside brackets `}}` closes two dictionaries, not the tag.
            if (_open.Count == 0 && AtEnd(out char sign)) return sign;
            tokens.Add(ReadToken(c));
        }

        throw TemplateError.At(_firstLine, $"the tag is not closed by {close}");
    }

    private bool AtEnd(out char sign)
    {
        sign = source[Position] is '-' or '+' ? source[Position] : ' ';
        int at = sign == ' ' ? Position : Position + 1;
        if (string.CompareOrdinal(source, at, close, 0, 2) != 0) return false;
        Position = at + 2;
        return true;
    }

    private Token ReadToken(char c)
    {
        if (char.IsLetter(c) || c == '_') return new Token(TokenKind.Name, ReadWhile(n => char.IsLetterOrDigit(n) || n == '_'), Line);
        if (char.IsAsciiDigit(c)) return ReadNumber();
        return c is '\'' or '"' ? ReadString(c) : ReadOperator();
    }

    private Token ReadNumber()
    {
        int start = Position;
        ReadWhile(IsDigit);
        bool isFloat = false;
        if (Peek(0) == '.' && char.IsAsciiDigit(Peek(1)))
        {
            isFloat = true;
            Position++;
            ReadWhile(IsDigit);
        }

        if (Peek(0) is 'e' or 'E' && (char.IsAsciiDigit(Peek(1)) || (Peek(1) is '+' or '-' && char.IsAsciiDigit(Peek(2)))))
        {
            isFloat = true;
            Position += 2;
            ReadWhile(IsDigit);
        }

        return new Token(isFloat ? TokenKind.Float : TokenKind.Integer, source[start..Position].Replace("_", ""), Line);
    }

    private Token ReadString(char quote)
    {
        int line = Line, start = ++Position;
        while (Peek(0) != quote)
        {
            if (Position >= source.Length) throw TemplateError.At(line, "a string does not end");
            if (Peek(0) == '\n') Line++;
            if (Peek(0) == '\\' && Peek(1) == '\n') Line++;
            Position += Peek(0) == '\\' ? 2 : 1;
        }

        return new Token(TokenKind.String, StringEscapes.Resolve(source[start..Position++]), line);
    }

    private Token ReadOperator()
    {
        string? found = Operators.FirstOrDefault(o => string.CompareOrdinal(source, Position, o, 0, o.Length) == 0);
        if (found is null) throw TemplateError.At(Line, $"unexpected character '{source[Position]}'");
        if (found is "(" or "[" or "{") _open.Push(found[0]);
        if (found is ")" or "]" or "}" && (!_open.TryPop(out char open) || "([{".IndexOf(open) != ")]}".IndexOf(found[0])))
            throw TemplateError.At(Line, $"'{found}' closes nothing");
        Position += found.Length;
        return new Token(TokenKind.Operator, found, Line);
    }

    private string ReadWhile(Func<char, bool> accept)
    {
        int start = Position;
        while (Position < source.Length && accept(source[Position])) Position++;
        return source[start..Position];
    }

    private static bool IsDigit(char c) => char.IsAsciiDigit(c) || c == '_';

    private char Peek(int ahead) => Position + ahead < source.Length ? source[Position + ahead] : '\0';
}
