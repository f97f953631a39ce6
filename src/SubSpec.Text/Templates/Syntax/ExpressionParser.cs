using System.Globalization;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Syntax;

/// <summary>Parses expressions by recursive descent; the methods stand in order of precedence, loosest first, as in Jinja 2.</summary>
internal sealed class ExpressionParser(TokenStream tokens)
{
    private static readonly HashSet<string> Comparisons = ["==", "!=", "<", "<=", ">", ">="];

    /// <summary>One expression, or a tuple where commas follow.</summary>
    public Expression ParseTuple()
    {
        int line = tokens.Line;
        Expression first = Parse();
        if (!tokens.IsOperator(",")) return first;
        var items = new List<Expression> { first };
        while (tokens.TakeOperator(",") && !AtTupleEnd()) items.Add(Parse());
        return new ListLiteral(line, items);
    }

    public Expression Parse()
    {
        tokens.Enter();
        Expression value = ParseOr();
        while (tokens.Current is { Kind: TokenKind.Name, Text: "if" } token)
        {
            tokens.Take();
            Expression condition = ParseOr();
            value = new Conditional(token.Line, condition, value, tokens.TakeName("else") ? Parse() : null);
        }

        tokens.Leave();
        return value;
    }

    /// <summary>An expression that an <c>if</c> does not belong to, as in a loop's <c>for x in items if condition</c>.</summary>
    public Expression ParseWithoutCondition() => ParseOr();

    private Expression ParseOr()
    {
        Expression left = ParseAnd();
        while (tokens.Current is var token && tokens.TakeName("or")) left = new Binary(token.Line, "or", left, ParseAnd());
        return left;
    }

    private Expression ParseAnd()
    {
        Expression left = ParseNot();
        while (tokens.Current is var token && tokens.TakeName("and")) left = new Binary(token.Line, "and", left, ParseNot());
        return left;
    }

    private Expression ParseNot()
    {
        tokens.Enter();
        Expression value = tokens.Current is var token && tokens.TakeName("not") ? new Unary(token.Line, "not", ParseNot()) : ParseComparison();
        tokens.Leave();
        return value;
    }

    private Expression ParseComparison()
    {
        int line = tokens.Line;
        Expression first = ParseSum();
        var rest = new List<(string, Expression)>();
        while (TakeComparison() is { } comparison) rest.Add((comparison, ParseSum()));
        return rest.Count == 0 ? first : new Comparison(line, first, rest);
    }

    private string? TakeComparison()
    {
        if (tokens.Current.Kind == TokenKind.Operator && Comparisons.Contains(tokens.Current.Text)) return tokens.Take().Text;
        if (tokens.TakeName("in")) return "in";
        if (!tokens.IsName("not") || tokens.Ahead is not { Kind: TokenKind.Name, Text: "in" }) return null;
        tokens.Take();
        tokens.Take();
        return "not in";
    }

    private Expression ParseSum() => ParseBinary(ParseConcatenation, "+", "-");

    private Expression ParseConcatenation() => ParseBinary(ParseProduct, "~");

    private Expression ParseProduct() => ParseBinary(ParsePower, "*", "/", "//", "%");

    private Expression ParsePower() => ParseBinary(() => ParseUnary(withFilters: true), "**");

    private Expression ParseBinary(Func<Expression> operand, params string[] operators)
    {
        Expression left = operand();
        while (tokens.Current is { Kind: TokenKind.Operator } token && operators.Contains(token.Text))
        {
            tokens.Take();
            left = new Binary(token.Line, token.Text, left, operand());
        }

        return left;
    }

    private Expression ParseUnary(bool withFilters)
    {
        tokens.Enter();
        Token token = tokens.Current;
        Expression value = tokens.TakeOperator("-") || tokens.TakeOperator("+")
            ? new Unary(token.Line, token.Text, ParseUnary(withFilters: false))
            : ParsePostfix(ParsePrimary());
        tokens.Leave();
        return withFilters ? ParseFilters(value) : value;
    }

    private Expression ParsePrimary()
    {
        Token token = tokens.Take();
        return token.Kind switch
        {
            TokenKind.Name => token.Text switch
            {
                "true" or "True" => new Literal(token.Line, true),
                "false" or "False" => new Literal(token.Line, false),
                "none" or "None" => new Literal(token.Line, null),
                _ => new NameRef(token.Line, token.Text),
            },
            TokenKind.String => ParseStrings(token),
            TokenKind.Integer => long.TryParse(token.Text, NumberStyles.None, CultureInfo.InvariantCulture, out long number)
                ? new Literal(token.Line, number)
                : throw TemplateError.Unsupported(token.Line, $"the number {token.Text}"),
            TokenKind.Float => new Literal(token.Line, double.Parse(token.Text, CultureInfo.InvariantCulture)),
            TokenKind.Operator when token.Text == "(" => ParseParenthesis(token.Line),
            TokenKind.Operator when token.Text == "[" => new ListLiteral(token.Line, ParseItems("]")),
            TokenKind.Operator when token.Text == "{" => ParseDict(token.Line),
            _ => throw TemplateError.At(token.Line, $"expected a value, found '{token.Text}'"),
        };
    }

    /// <summary>Strings that stand side by side are one.</summary>
    private Literal ParseStrings(Token first)
    {
        string text = first.Text;
        while (tokens.Current.Kind == TokenKind.String) text += tokens.Take().Text;
        return new Literal(first.Line, MarkedText.FromTemplate(text));
    }

    private Expression ParseParenthesis(int line)
    {
        if (tokens.TakeOperator(")")) return new ListLiteral(line, []);
        Expression value = ParseTuple();
        tokens.ExpectOperator(")");
        return value;
    }

    private List<Expression> ParseItems(string close)
    {
        var items = new List<Expression>();
        while (!tokens.TakeOperator(close))
        {
            items.Add(Parse());
            if (!tokens.IsOperator(close)) tokens.ExpectOperator(",");
        }

        return items;
    }

    private DictLiteral ParseDict(int line)
    {
        var entries = new List<(Expression, Expression)>();
        while (!tokens.TakeOperator("}"))
        {
            Expression key = Parse();
            tokens.ExpectOperator(":");
            entries.Add((key, Parse()));
            if (!tokens.IsOperator("}")) tokens.ExpectOperator(",");
        }

        return new DictLiteral(line, entries);
    }

    private Expression ParsePostfix(Expression value)
    {
        while (true)
        {
            int line = tokens.Line;
            if (tokens.TakeOperator("."))
            {
                Token name = tokens.Take();
                value = name.Kind switch
                {
                    TokenKind.Name => new Member(line, value, name.Text),
                    TokenKind.Integer => new Subscript(line, value, new Literal(line, long.Parse(name.Text, CultureInfo.InvariantCulture))),
                    _ => throw TemplateError.At(line, $"expected a name after '.', found '{name.Text}'"),
                };
            }
            else if (tokens.TakeOperator("[")) value = ParseSubscript(line, value);
            else if (tokens.IsOperator("(")) value = new Call(line, value, ParseArguments());
            else return value;
        }
    }

    private Expression ParseSubscript(int line, Expression target)
    {
        Expression? start = tokens.IsOperator(":") ? null : ParseTuple();
        if (!tokens.TakeOperator(":"))
        {
            tokens.ExpectOperator("]");
            return new Subscript(line, target, start!);
        }

        Expression? stop = AtSliceEnd() ? null : Parse();
        Expression? step = tokens.TakeOperator(":") && !AtSliceEnd() ? Parse() : null;
        tokens.ExpectOperator("]");
        return new Slice(line, target, start, stop, step);
    }

    public ArgumentList ParseArguments()
    {
        tokens.ExpectOperator("(");
        var positional = new List<Expression>();
        var named = new List<(string, Expression)>();
        while (!tokens.TakeOperator(")"))
        {
            if (tokens.IsOperator("*") || tokens.IsOperator("**")) throw TemplateError.Unsupported(tokens.Line, $"unpacking of arguments with {tokens.Current.Text}");
            if (tokens.Current.Kind == TokenKind.Name && tokens.Ahead is { Kind: TokenKind.Operator, Text: "=" })
            {
                string name = tokens.Take().Text;
                tokens.Take();
                named.Add((name, Parse()));
            }
            else if (named.Count > 0) throw tokens.Unexpected("a named argument");
            else positional.Add(Parse());
            if (!tokens.IsOperator(")")) tokens.ExpectOperator(",");
        }

        return new ArgumentList(positional, named);
    }

    /// <summary>Filters and tests after a value: <c>value | filter(...) is test ...</c>.</summary>
    public Expression ParseFilters(Expression value)
    {
        while (true)
        {
            int line = tokens.Line;
            if (tokens.TakeOperator("|")) value = ParseFilter(line, value);
            else if (tokens.TakeName("is")) value = ParseTest(line, value);
            else return value;
        }
    }

    /// <summary>The name and arguments of one filter, whose bar has been taken.</summary>
    public FilterCall ParseFilter(int line, Expression value)
    {
        string name = tokens.Expect(TokenKind.Name, "a filter's name").Text;
        return new FilterCall(line, value, name, tokens.IsOperator("(") ? ParseArguments() : ArgumentList.Empty);
    }

    private TestCall ParseTest(int line, Expression value)
    {
        bool negated = tokens.TakeName("not");
        string name = tokens.Expect(TokenKind.Name, "a test's name").Text;
        if (tokens.IsOperator("(")) return new TestCall(line, value, name, ParseArguments(), negated);
        ArgumentList arguments = AtTestOperand() ? new ArgumentList([ParsePostfix(ParsePrimary())], []) : ArgumentList.Empty;
        return new TestCall(line, value, name, arguments, negated);
    }

    private bool AtTestOperand() => tokens.Current.Kind switch
    {
        TokenKind.Name => tokens.Current.Text is not ("else" or "or" or "and" or "if" or "is" or "in" or "not"),
        TokenKind.String or TokenKind.Integer or TokenKind.Float => true,
        TokenKind.Operator => tokens.Current.Text is "[" or "{",
        _ => false,
    };

    private bool AtSliceEnd() => tokens.IsOperator(":") || tokens.IsOperator("]");

    private bool AtTupleEnd() => tokens.Current.Kind is TokenKind.BlockEnd or TokenKind.OutputEnd || tokens.IsOperator(")") || tokens.IsOperator("]");
}
