using System.Text.RegularExpressions;

namespace SubSpec.Text.Templates.Syntax;

/// <summary>
/// Cuts a template into text and tags, with white space handled as Hugging Face sets Jinja up: trim_blocks, lstrip_blocks, and one
/// newline at the very end dropped. What is inside tags is left to <see cref="ExpressionLexer"/>.
/// </summary>
internal sealed partial class TemplateLexer
{
    private readonly string _source;
    private readonly List<Token> _tokens = [];
    private int _position;
    private int _line = 1;

    // Whether the text ahead begins a line: then white space before a tag may be stripped.
    private bool _lineStart = true;

    private TemplateLexer(string source) => _source = source;

    /// <exception cref="Core.BadInputException">A tag or a string does not end, or a character has no meaning.</exception>
    public static List<Token> Tokenize(string source)
    {
        string unix = source.Replace("\r\n", "\n").Replace('\r', '\n');
        var lexer = new TemplateLexer(unix.EndsWith('\n') ? unix[..^1] : unix);
        lexer.Run();
        return lexer._tokens;
    }

    private void Run()
    {
        while (_position < _source.Length)
        {
            int open = FindTag(_position);
            AddText(_source[_position..open], stripFor: open);
            AdvanceTo(open);
            if (open == _source.Length) break;

            if (_source[open + 1] == '#') SkipComment();
            else if (RawBegin().Match(_source, open) is { Success: true } raw) ReadRaw(raw);
            else ReadTag(_source[open + 1] == '%');
        }

        _tokens.Add(new Token(TokenKind.End, "end of template", _line));
    }

    private int FindTag(int from)
    {
        for (int at = _source.IndexOf('{', from); at >= 0 && at + 1 < _source.Length; at = _source.IndexOf('{', at + 1))
        {
            if (_source[at + 1] is '{' or '%' or '#') return at;
        }

        return _source.Length;
    }

    private void AddText(string text, int stripFor)
    {
        char kind = Peek(stripFor + 1), sign = Peek(stripFor + 2);
        if (sign == '-') text = text.TrimEnd();
        else if (sign != '+' && kind is '%' or '#') text = StripLine(text);
        if (text.Length > 0) _tokens.Add(new Token(TokenKind.Text, text, _line));
    }

    /// <summary>lstrip_blocks: white space between the beginning of the line and the tag goes.</summary>
    private string StripLine(string text)
    {
        int line = text.LastIndexOf('\n') + 1;
        return (line > 0 || _lineStart) && text.AsSpan(line).IsWhiteSpace() ? text[..line] : text;
    }

    private void SkipComment()
    {
        int end = _source.IndexOf("#}", _position + 2, StringComparison.Ordinal);
        if (end < 0) throw TemplateError.At(_line, "the comment {# does not end");
        char sign = end > _position + 2 ? _source[end - 1] : ' ';
        AdvanceTo(end + 2);
        SkipAfterTag(sign, trimNewline: true);
    }

    private void ReadRaw(Match begin)
    {
        Match end = RawEnd().Match(_source, begin.Index + begin.Length);
        if (!end.Success) throw TemplateError.At(_line, "{% raw %} does not end");
        AdvanceTo(begin.Index + begin.Length);
        string text = _source[_position..end.Index];
        if (end.Groups["sign"].Value == "-") text = text.TrimEnd();
        else if (end.Groups["sign"].Value != "+") text = StripLine(text);
        if (text.Length > 0) _tokens.Add(new Token(TokenKind.Text, text, _line));
        AdvanceTo(end.Index + end.Length);
        _lineStart = end.Value.EndsWith('\n');
    }

    private void ReadTag(bool block)
    {
        _tokens.Add(new Token(block ? TokenKind.BlockBegin : TokenKind.OutputBegin, block ? "{%" : "{{", _line));
        int inside = _position + (Peek(_position + 2) is '-' or '+' ? 3 : 2);
        var expression = new ExpressionLexer(_source, inside, _line, block ? "%}" : "}}");
        char sign = expression.Read(_tokens);
        _position = expression.Position;
        _line = expression.Line;
        _tokens.Add(new Token(block ? TokenKind.BlockEnd : TokenKind.OutputEnd, block ? "%}" : "}}", _line));
        SkipAfterTag(sign, trimNewline: block);
    }

    private void SkipAfterTag(char sign, bool trimNewline)
    {
        int end = _position;
        if (sign == '-') while (end < _source.Length && char.IsWhiteSpace(_source[end])) end++;
        else if (trimNewline && sign != '+' && Peek(end) == '\n') end++;
        _lineStart = end > _position && _source[end - 1] == '\n';
        AdvanceTo(end);
    }

    private void AdvanceTo(int position)
    {
        _line += _source.AsSpan(_position..position).Count('\n');
        _position = position;
    }

    private char Peek(int at) => at < _source.Length ? _source[at] : '\0';

    [GeneratedRegex(@"\G\{%[-+]?\s*raw\s*(?:-%\}\s*|%\})")]
    private static partial Regex RawBegin();

    [GeneratedRegex(@"\{%(?<sign>[-+]?)\s*endraw\s*(?:\+%\}|-%\}\s*|%\}\n?)")]
    private static partial Regex RawEnd();
}
