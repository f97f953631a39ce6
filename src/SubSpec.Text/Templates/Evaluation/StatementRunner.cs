using SubSpec.Text.Templates.Syntax;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>Runs statements and collects what they write.</summary>
internal sealed class StatementRunner
{
    private enum Flow
    {
        Next,
        Break,
        Continue,
    }

    private readonly RenderContext _context;
    private readonly ExpressionEvaluator _expressions;
    private List<MarkedText> _output = [];
    private int _loopDepth;

    public StatementRunner(RenderContext context)
    {
        _context = context;
        _expressions = new ExpressionEvaluator(context, Capture);
    }

    /// <summary>Everything that the statements write.</summary>
    public MarkedText Capture(IReadOnlyList<Statement> statements, Scope scope)
    {
        List<MarkedText> outer = _output;
        _output = [MarkedText.Empty];
        Run(statements, scope);
        MarkedText text = MarkedText.Join(_output);
        _output = outer;
        return text;
    }

    private Flow Run(IReadOnlyList<Statement> statements, Scope scope)
    {
        foreach (Statement statement in statements)
        {
            Flow flow = Run(statement, scope);
            if (flow != Flow.Next) return flow;
        }

        return Flow.Next;
    }

    private Flow Run(Statement statement, Scope scope)
    {
        _context.Line = statement.Line;
        _context.Enter();
        switch (statement)
        {
            case TextStatement text:
                Write(MarkedText.FromTemplate(text.Text));
                break;
            case OutputStatement output:
                Write(PythonText.Str(_context, _expressions.Evaluate(output.Value, scope)));
                break;
            case IfStatement branch:
                return Run(Operators.IsTrue(_expressions.Evaluate(branch.Condition, scope)) ? branch.Then : branch.Else, scope);
            case ForStatement loop:
                return RunLoop(loop, scope);
            case SetStatement set:
                Assign(set, scope);
                break;
            case WithStatement with:
                var inner = new Scope(scope);
                foreach ((string name, Expression value) in with.Variables) inner.Set(name, _expressions.Evaluate(value, scope));
                return Run(with.Body, inner);
            case MacroStatement macro:
                scope.Set(macro.Name, MacroFunction.Create(macro, scope, _expressions, Capture));
                break;
            case CallStatement call:
                TemplateFunction caller = MacroFunction.Create(call.Caller, scope, _expressions, Capture);
                Write(PythonText.Str(_context, _expressions.EvaluateCall(call.Call, scope, caller)));
                break;
            case BodyStatement body:
                return Run(body.Body, scope);
            case BreakStatement:
                return Flow.Break;
            case ContinueStatement:
                return Flow.Continue;
        }

        return Flow.Next;
    }

    private void Write(MarkedText text)
    {
        _context.Spend(text.Length);
        _output.Add(text);
    }

    private Flow RunLoop(ForStatement loop, Scope scope)
    {
        IReadOnlyList<object?> items = Operators.Items(_context, _expressions.Evaluate(loop.Items, scope));
        if (loop.Filter is not null) items = [.. items.Where(item => Operators.IsTrue(_expressions.Evaluate(loop.Filter, Iteration(loop, item, scope))))];
        if (items.Count == 0) return Run(loop.Else, scope);

        var state = new LoopState(items, ++_loopDepth);
        for (int i = 0; i < items.Count; i++)
        {
            state.Index = i;
            Scope iteration = Iteration(loop, items[i], scope);
            iteration.Set("loop", state);
            if (Run(loop.Body, iteration) == Flow.Break) break;
        }

        _loopDepth--;
        return Flow.Next;
    }

    /// <summary>Each iteration has variables of its own: what it sets is gone in the next.</summary>
    private Scope Iteration(ForStatement loop, object? item, Scope scope)
    {
        var iteration = new Scope(scope);
        _context.Line = loop.Line;
        _context.Enter();
        AssignAll(loop.Targets, item, iteration.Set);
        return iteration;
    }

    private void Assign(SetStatement set, Scope scope)
    {
        object? value = _expressions.Evaluate(set.Value, scope);
        _context.Line = set.Line;
        AssignAll(set.Targets, value, (target, part) =>
        {
            if (target.Attribute is null) scope.Set(target.Name, part);
            else if (scope.TryGet(target.Name, out object? owner) && owner is TemplateNamespace space) space.Attributes[target.Attribute] = part;
            else throw _context.Fail($"'{target.Name}' is not a namespace: its attribute '{target.Attribute}' cannot be set");
        });
    }

    private void AssignAll<T>(IReadOnlyList<T> targets, object? value, Action<T, object?> assign)
    {
        if (targets.Count == 1)
        {
            assign(targets[0], value);
            return;
        }

        IReadOnlyList<object?> parts = Operators.Items(_context, value);
        if (parts.Count != targets.Count) throw _context.Fail($"{targets.Count} names cannot take {parts.Count} values");
        for (int i = 0; i < parts.Count; i++) assign(targets[i], parts[i]);
    }
}
