using SubSpec.Text.Templates.Syntax;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>A macro with the scope that it was defined in.</summary>
internal static class MacroFunction
{
    /// <summary>The name under which a macro sees the body of the <c>{% call %}</c> around it.</summary>
    public const string CallerName = "caller";

    public static TemplateFunction Create(
        MacroStatement macro, Scope definedIn, ExpressionEvaluator expressions, Func<IReadOnlyList<Statement>, Scope, MarkedText> capture) =>
        (context, arguments) =>
        {
            var scope = new Scope(definedIn);
            (string Name, object? Value)[] named = [.. arguments.Named.Where(a => a.Name != CallerName)];
            foreach ((string name, object? value) in arguments.Named.Where(a => a.Name == CallerName)) scope.Set(name, value);

            object?[] values = (arguments with { Named = named }).Bind([.. macro.Parameters.Select(p => p.Name)]);
            for (int i = 0; i < values.Length; i++)
            {
                MacroParameter parameter = macro.Parameters[i];
                object? value = values[i];
                if (Arguments.IsMissing(value)) value = parameter.Default is null ? new Undefined(parameter.Name) : expressions.Evaluate(parameter.Default, scope);
                scope.Set(parameter.Name, value);
            }

            int line = context.Line;
            MarkedText text = capture(macro.Body, scope);
            context.Line = line;
            return text;
        };
}
