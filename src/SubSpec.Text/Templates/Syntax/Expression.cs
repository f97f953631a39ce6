namespace SubSpec.Text.Templates.Syntax;

/// <summary>An expression of a template.</summary>
internal abstract record Expression(int Line);

/// <summary>A constant: null, bool, long, double or <see cref="Values.MarkedText"/>.</summary>
internal sealed record Literal(int Line, object? Value) : Expression(Line);

internal sealed record NameRef(int Line, string Name) : Expression(Line);

internal sealed record Member(int Line, Expression Target, string Name) : Expression(Line);

internal sealed record Subscript(int Line, Expression Target, Expression Key) : Expression(Line);

internal sealed record Slice(int Line, Expression Target, Expression? Start, Expression? Stop, Expression? Step) : Expression(Line);

internal sealed record Call(int Line, Expression Function, ArgumentList Arguments) : Expression(Line);

internal sealed record FilterCall(int Line, Expression Target, string Name, ArgumentList Arguments) : Expression(Line);

internal sealed record TestCall(int Line, Expression Target, string Name, ArgumentList Arguments, bool Negated) : Expression(Line);

internal sealed record Unary(int Line, string Operator, Expression Operand) : Expression(Line);

internal sealed record Binary(int Line, string Operator, Expression Left, Expression Right) : Expression(Line);

/// <summary><c>a &lt; b &lt;= c</c>: each operator compares with the operand before it.</summary>
internal sealed record Comparison(int Line, Expression First, IReadOnlyList<(string Operator, Expression Operand)> Rest) : Expression(Line);

internal sealed record Conditional(int Line, Expression Condition, Expression Then, Expression? Else) : Expression(Line);

/// <summary>A list or a tuple.</summary>
internal sealed record ListLiteral(int Line, IReadOnlyList<Expression> Items) : Expression(Line);

internal sealed record DictLiteral(int Line, IReadOnlyList<(Expression Key, Expression Value)> Entries) : Expression(Line);

/// <summary>The text that a body of statements writes, as in <c>{% set x %}...{% endset %}</c>.</summary>
internal sealed record Captured(int Line, IReadOnlyList<Statement> Body) : Expression(Line);

internal sealed record ArgumentList(IReadOnlyList<Expression> Positional, IReadOnlyList<(string Name, Expression Value)> Named)
{
    public static ArgumentList Empty { get; } = new([], []);
}
