using SubSpec.Text.Templates.Builtins;
using SubSpec.Text.Templates.Syntax;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>Evaluates expressions in a scope.</summary>
/// <param name="context">The rendering.</param>
/// <param name="capture">Runs statements in a scope and returns what they write.</param>
internal sealed class ExpressionEvaluator(RenderContext context, Func<IReadOnlyList<Statement>, Scope, MarkedText> capture)
{
    public object? Evaluate(Expression expression, Scope scope)
    {
        context.Line = expression.Line;
        context.Enter();
        return expression switch
        {
            Literal literal => literal.Value,
            NameRef name => scope.TryGet(name.Name, out object? value) ? value : new Undefined(name.Name),
            Member member => Members.OfName(context, Evaluate(member.Target, scope), member.Name),
            Subscript subscript => Members.OfKey(context, Evaluate(subscript.Target, scope), Evaluate(subscript.Key, scope)),
            Slice slice => EvaluateSlice(slice, scope),
            Call call => EvaluateCall(call, scope, caller: null),
            FilterCall filter => EvaluateFilter(filter, scope),
            TestCall test => EvaluateTest(test, scope),
            Unary unary => EvaluateUnary(unary, scope),
            Binary binary => EvaluateBinary(binary, scope),
            Comparison comparison => EvaluateComparison(comparison, scope),
            Conditional conditional => EvaluateConditional(conditional, scope),
            ListLiteral list => list.Items.Select(item => Evaluate(item, scope)).ToList(),
            DictLiteral dict => EvaluateDict(dict, scope),
            Captured captured => capture(captured.Body, new Scope(scope)),
            _ => throw new InvalidOperationException($"no evaluation for {expression.GetType().Name}"),
        };
    }

    /// <summary>Calls a function; <paramref name="caller"/> is the body of a <c>{% call %}</c> around it.</summary>
    public object? EvaluateCall(Call call, Scope scope, TemplateFunction? caller)
    {
        string name = call.Function switch { NameRef n => n.Name, Member m => m.Name, _ => "this value" };
        object? target = Evaluate(call.Function, scope);
        Arguments arguments = EvaluateArguments($"{name}()", call.Arguments, scope);
        if (caller is not null) arguments = arguments with { Named = [.. arguments.Named, (MacroFunction.CallerName, caller)] };
        context.Line = call.Line;
        return target switch
        {
            TemplateFunction function => function(context, arguments),
            Undefined when call.Function is NameRef => throw context.Unsupported($"function '{name}'"),
            _ => throw context.Fail($"{name} cannot be called: it is {Describe.Kind(target)}"),
        };
    }

    private Arguments EvaluateArguments(string callee, ArgumentList list, Scope scope) => new(
        context,
        callee,
        [.. list.Positional.Select(a => Evaluate(a, scope))],
        [.. list.Named.Select(a => (a.Name, Evaluate(a.Value, scope)))]);

    private object? EvaluateFilter(FilterCall filter, Scope scope)
    {
        object? value = Evaluate(filter.Target, scope);
        Arguments arguments = EvaluateArguments($"filter '{filter.Name}'", filter.Arguments, scope);
        context.Line = filter.Line;
        return Filters.Find(context, filter.Name)(value, arguments);
    }

    private object EvaluateTest(TestCall test, Scope scope)
    {
        object? value = Evaluate(test.Target, scope);
        Arguments arguments = EvaluateArguments($"test '{test.Name}'", test.Arguments, scope);
        context.Line = test.Line;
        return Builtins.Tests.Find(context, test.Name)(value, arguments) != test.Negated;
    }

    private object? EvaluateUnary(Unary unary, Scope scope)
    {
        object? value = Evaluate(unary.Operand, scope);
        context.Line = unary.Line;
        if (unary.Operator == "not") return !Operators.IsTrue(value);
        object negative = Arithmetic.Negate(context, value);
        return unary.Operator == "-" ? negative : value;
    }

    private object? EvaluateBinary(Binary binary, Scope scope)
    {
        object? left = Evaluate(binary.Left, scope);
        if (binary.Operator == "and") return Operators.IsTrue(left) ? Evaluate(binary.Right, scope) : left;
        if (binary.Operator == "or") return Operators.IsTrue(left) ? left : Evaluate(binary.Right, scope);
        object? right = Evaluate(binary.Right, scope);
        context.Line = binary.Line;
        return Arithmetic.Apply(context, binary.Operator, left, right);
    }

    private object EvaluateComparison(Comparison comparison, Scope scope)
    {
        object? left = Evaluate(comparison.First, scope);
        foreach ((string name, Expression operand) in comparison.Rest)
        {
            object? right = Evaluate(operand, scope);
            context.Line = comparison.Line;
            bool holds = name switch
            {
                "==" => Operators.AreEqual(context, left, right),
                "!=" => !Operators.AreEqual(context, left, right),
                "in" => Operators.Contains(context, right, left),
                "not in" => !Operators.Contains(context, right, left),
                "<" => Operators.Compare(context, left, right) < 0,
                "<=" => Operators.Compare(context, left, right) <= 0,
                ">" => Operators.Compare(context, left, right) > 0,
                _ => Operators.Compare(context, left, right) >= 0,
            };
            if (!holds) return false;
            left = right;
        }

        return true;
    }

    private object? EvaluateConditional(Conditional conditional, Scope scope)
    {
        if (Operators.IsTrue(Evaluate(conditional.Condition, scope))) return Evaluate(conditional.Then, scope);
        return conditional.Else is null ? new Undefined("the missing else value") : Evaluate(conditional.Else, scope);
    }

    private object? EvaluateSlice(Slice slice, Scope scope)
    {
        object? target = Evaluate(slice.Target, scope);
        long?[] bounds = [.. new[] { slice.Start, slice.Stop, slice.Step }.Select(b => b is null ? null : EvaluateBound(b, scope))];
        context.Line = slice.Line;
        return Members.Slice(context, target, bounds[0], bounds[1], bounds[2]);
    }

    private long? EvaluateBound(Expression bound, Scope scope) => Evaluate(bound, scope) switch
    {
        null => null,
        long number => number,
        var other => throw context.Fail($"a slice needs integers, not {Describe.Kind(other)}"),
    };

    private TemplateDict EvaluateDict(DictLiteral literal, Scope scope)
    {
        var dict = new TemplateDict();
        foreach ((Expression key, Expression value) in literal.Entries) dict.Set(Members.CheckKey(context, Evaluate(key, scope)), Evaluate(value, scope));
        return dict;
    }
}
