namespace SubSpec.Text.Templates.Syntax;

/// <summary>Parses the statements of a template.</summary>
internal sealed class StatementParser
{
    private readonly TokenStream _tokens;
    private readonly ExpressionParser _expressions;
    private int _loops;

    private StatementParser(TokenStream tokens)
    {
        _tokens = tokens;
        _expressions = new ExpressionParser(tokens);
    }

    /// <exception cref="Core.BadInputException">The template is malformed, or uses a statement that is not supported.</exception>
    public static IReadOnlyList<Statement> Parse(string source)
    {
        var parser = new StatementParser(new TokenStream(TemplateLexer.Tokenize(source)));
        List<Statement> statements = parser.ParseUntil();
        return parser._tokens.Current.Kind == TokenKind.End
            ? statements
            : throw TemplateError.At(parser._tokens.Line, $"'{parser._tokens.Ahead.Text}' ends nothing that is open");
    }

    /// <summary>Statements up to a block that begins with one of <paramref name="ends"/>; with none, up to any end. The block itself is not taken.</summary>
    private List<Statement> ParseUntil(params string[] ends)
    {
        _tokens.Enter();
        int opened = _tokens.Line;
        var statements = new List<Statement>();
        while (true)
        {
            Token token = _tokens.Current;
            if (token.Kind == TokenKind.BlockBegin && IsEnd(_tokens.Ahead.Text, ends)) break;
            if (token.Kind == TokenKind.End)
            {
                if (ends.Length == 0) break;
                throw TemplateError.At(opened, $"the block that begins here lacks its {{% {ends[^1]} %}}");
            }

            _tokens.Take();
            statements.Add(token.Kind switch
            {
                TokenKind.Text => new TextStatement(token.Line, token.Text),
                TokenKind.OutputBegin => ParseOutput(token.Line),
                _ => ParseBlock(_tokens.Expect(TokenKind.Name, "a statement")),
            });
        }

        _tokens.Leave();
        return statements;
    }

    private static bool IsEnd(string name, string[] ends) =>
        ends.Contains(name) || name is "else" or "elif" || (name.StartsWith("end", StringComparison.Ordinal) && name.Length > 3);

    private OutputStatement ParseOutput(int line)
    {
        Expression value = _expressions.ParseTuple();
        _tokens.Expect(TokenKind.OutputEnd, "'}}'");
        return new OutputStatement(line, value);
    }

    private Statement ParseBlock(Token name) => name.Text switch
    {
        "if" => ParseIf(name.Line),
        "for" => ParseFor(name.Line),
        "set" => ParseSet(name.Line),
        "macro" => ParseMacro(name.Line),
        "call" => ParseCall(name.Line),
        "filter" => ParseFilterBlock(name.Line),
        "with" => ParseWith(name.Line),
        "generation" => new BodyStatement(name.Line, ParseBody("endgeneration")),
        "break" => InLoop(name, new BreakStatement(name.Line)),
        "continue" => InLoop(name, new ContinueStatement(name.Line)),
        _ => throw TemplateError.Unsupported(name.Line, $"statement '{name.Text}'"),
    };

    private IfStatement ParseIf(int line)
    {
        Expression condition = _expressions.ParseTuple();
        EndBlock();
        List<Statement> then = ParseUntil("endif");
        _tokens.Take();
        int next = _tokens.Line;
        if (_tokens.TakeName("elif")) return new IfStatement(line, condition, then, [ParseIf(next)]);
        return new IfStatement(line, condition, then, ParseElse("endif"));
    }

    /// <summary>An optional else part and the end; the block's beginning has been taken.</summary>
    private List<Statement> ParseElse(string end)
    {
        List<Statement> otherwise = [];
        if (_tokens.TakeName("else"))
        {
            EndBlock();
            otherwise = ParseUntil(end);
            _tokens.Take();
        }

        Close(end);
        return otherwise;
    }

    private ForStatement ParseFor(int line)
    {
        List<string> targets = ParseNames();
        if (!_tokens.TakeName("in")) throw _tokens.Unexpected("'in'");
        Expression items = _expressions.ParseWithoutCondition();
        Expression? filter = _tokens.TakeName("if") ? _expressions.Parse() : null;
        if (_tokens.IsName("recursive")) throw TemplateError.Unsupported(line, "a recursive loop");
        EndBlock();
        _loops++;
        List<Statement> body = ParseUntil("endfor");
        _loops--;
        _tokens.Take();
        return new ForStatement(line, targets, items, filter, body, ParseElse("endfor"));
    }

    private List<string> ParseNames()
    {
        bool parenthesis = _tokens.TakeOperator("(");
        var names = new List<string>();
        do names.Add(_tokens.Expect(TokenKind.Name, "a name").Text);
        while (_tokens.TakeOperator(","));
        if (parenthesis) _tokens.ExpectOperator(")");
        return names;
    }

    private SetStatement ParseSet(int line)
    {
        var targets = new List<SetTarget>();
        do
        {
            string name = _tokens.Expect(TokenKind.Name, "a name").Text;
            targets.Add(new SetTarget(name, _tokens.TakeOperator(".") ? _tokens.Expect(TokenKind.Name, "an attribute's name").Text : null));
        }
        while (_tokens.TakeOperator(","));

        Expression value;
        if (_tokens.TakeOperator("="))
        {
            value = _expressions.ParseTuple();
            EndBlock();
        }
        else
        {
            var body = new Captured(line, []);
            Func<Expression, Expression> filters = ParseFilterChain();
            EndBlock();
            value = filters(body with { Body = ParseBody("endset", blockEnded: true) });
        }

        return new SetStatement(line, targets, value);
    }

    private OutputStatement ParseFilterBlock(int line)
    {
        var first = new Captured(line, []);
        FilterCall filter = _expressions.ParseFilter(line, first);
        Func<Expression, Expression> rest = ParseFilterChain();
        return new OutputStatement(line, rest(filter with { Target = first with { Body = ParseBody("endfilter") } }));
    }

    /// <summary>Bars and filters, to be applied to a value that is known later.</summary>
    private Func<Expression, Expression> ParseFilterChain()
    {
        var chain = new List<FilterCall>();
        while (_tokens.Current is var token && _tokens.TakeOperator("|")) chain.Add(_expressions.ParseFilter(token.Line, new Literal(token.Line, null)));
        return value => chain.Aggregate(value, (target, filter) => filter with { Target = target });
    }

    private WithStatement ParseWith(int line)
    {
        var variables = new List<(string, Expression)>();
        while (_tokens.Current.Kind != TokenKind.BlockEnd)
        {
            if (variables.Count > 0) _tokens.ExpectOperator(",");
            string name = _tokens.Expect(TokenKind.Name, "a name").Text;
            _tokens.ExpectOperator("=");
            variables.Add((name, _expressions.Parse()));
        }

        return new WithStatement(line, variables, ParseBody("endwith"));
    }

    private MacroStatement ParseMacro(int line)
    {
        string name = _tokens.Expect(TokenKind.Name, "the macro's name").Text;
        return new MacroStatement(line, name, ParseParameters(), ParseMacroBody("endmacro"));
    }

    private CallStatement ParseCall(int line)
    {
        IReadOnlyList<MacroParameter> parameters = _tokens.IsOperator("(") ? ParseParameters() : [];
        if (_expressions.Parse() is not Call call) throw TemplateError.At(line, "{% call %} needs the call of a macro");
        return new CallStatement(line, new MacroStatement(line, "caller", parameters, ParseMacroBody("endcall")), call);
    }

    private List<MacroParameter> ParseParameters()
    {
        _tokens.ExpectOperator("(");
        var parameters = new List<MacroParameter>();
        while (!_tokens.TakeOperator(")"))
        {
            string name = _tokens.Expect(TokenKind.Name, "a parameter's name").Text;
            parameters.Add(new MacroParameter(name, _tokens.TakeOperator("=") ? _expressions.Parse() : null));
            if (!_tokens.IsOperator(")")) _tokens.ExpectOperator(",");
        }

        return parameters;
    }

    /// <summary>A macro's body is no part of the loop around it.</summary>
    private List<Statement> ParseMacroBody(string end)
    {
        int loops = _loops;
        _loops = 0;
        List<Statement> body = ParseBody(end);
        _loops = loops;
        return body;
    }

    private List<Statement> ParseBody(string end, bool blockEnded = false)
    {
        if (!blockEnded) EndBlock();
        List<Statement> body = ParseUntil(end);
        _tokens.Take();
        Close(end);
        return body;
    }

    private Statement InLoop(Token name, Statement statement)
    {
        if (_loops == 0) throw TemplateError.At(name.Line, $"'{name.Text}' stands outside a loop");
        EndBlock();
        return statement;
    }

    private void Close(string end)
    {
        if (!_tokens.TakeName(end)) throw _tokens.Unexpected($"'{end}'");
        // A macro's end may repeat its name.
        if (end == "endmacro" && _tokens.Current.Kind == TokenKind.Name) _tokens.Take();
        EndBlock();
    }

    private void EndBlock() => _tokens.Expect(TokenKind.BlockEnd, "'%}'");
}
