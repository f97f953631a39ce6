namespace SubSpec.Text.Templates.Syntax;

/// <summary>A statement of a template.</summary>
internal abstract record Statement(int Line);

internal sealed record TextStatement(int Line, string Text) : Statement(Line);

internal sealed record OutputStatement(int Line, Expression Value) : Statement(Line);

internal sealed record IfStatement(int Line, Expression Condition, IReadOnlyList<Statement> Then, IReadOnlyList<Statement> Else) : Statement(Line);

internal sealed record ForStatement(
    int Line, IReadOnlyList<string> Targets, Expression Items, Expression? Filter, IReadOnlyList<Statement> Body, IReadOnlyList<Statement> Else) : Statement(Line);

/// <summary>What a <c>set</c> writes to: a name, or a namespace's attribute.</summary>
internal readonly record struct SetTarget(string Name, string? Attribute);

internal sealed record SetStatement(int Line, IReadOnlyList<SetTarget> Targets, Expression Value) : Statement(Line);

internal sealed record WithStatement(int Line, IReadOnlyList<(string Name, Expression Value)> Variables, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record MacroParameter(string Name, Expression? Default);

internal sealed record MacroStatement(int Line, string Name, IReadOnlyList<MacroParameter> Parameters, IReadOnlyList<Statement> Body) : Statement(Line);

/// <summary><c>{% call(parameters) macro(...) %}body{% endcall %}</c>: the body is the macro's <c>caller</c>.</summary>
internal sealed record CallStatement(int Line, MacroStatement Caller, Call Call) : Statement(Line);

/// <summary>A body in place, such as Hugging Face's <c>generation</c> mark.</summary>
internal sealed record BodyStatement(int Line, IReadOnlyList<Statement> Body) : Statement(Line);

internal sealed record BreakStatement(int Line) : Statement(Line);

internal sealed record ContinueStatement(int Line) : Statement(Line);
