namespace SubSpec.Text.Templates.Syntax;

internal enum TokenKind
{
    Text,
    BlockBegin,
    BlockEnd,
    OutputBegin,
    OutputEnd,
    Name,
    String,
    Integer,
    Float,
    Operator,
    End,
}

/// <summary>A token of a template. Text is its value: the text itself, a name, an operator, a string's content, a number's digits.</summary>
internal readonly record struct Token(TokenKind Kind, string Text, int Line);
