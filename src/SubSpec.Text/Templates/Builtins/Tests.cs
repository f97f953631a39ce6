using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>All tests (<c>value is name</c>) by name, as in Jinja 2.</summary>
internal static class Tests
{
    private static readonly Dictionary<string, Func<object?, Arguments, bool>> All = new()
    {
        ["defined"] = (v, a) => a.Bind() is [] && v is not Undefined,
        ["undefined"] = (v, a) => a.Bind() is [] && v is Undefined,
        ["none"] = (v, a) => a.Bind() is [] && v is null,
        ["true"] = (v, a) => a.Bind() is [] && v is true,
        ["false"] = (v, a) => a.Bind() is [] && v is false,
        ["boolean"] = (v, a) => a.Bind() is [] && v is bool,
        ["string"] = (v, a) => a.Bind() is [] && v is MarkedText,
        ["number"] = (v, a) => a.Bind() is [] && Arithmetic.IsNumber(v),
        ["integer"] = (v, a) => a.Bind() is [] && v is long,
        ["float"] = (v, a) => a.Bind() is [] && v is double,
        ["mapping"] = (v, a) => a.Bind() is [] && v is TemplateDict,
        ["sequence"] = (v, a) => a.Bind() is [] && v is MarkedText or TemplateDict or IReadOnlyList<object?>,
        ["iterable"] = (v, a) => a.Bind() is [] && v is MarkedText or TemplateDict or IReadOnlyList<object?> or Undefined,
        ["callable"] = (v, a) => a.Bind() is [] && v is TemplateFunction,
        ["lower"] = (v, a) => a.Bind() is [] && v is MarkedText text && text.Equals(TextEdits.Lower(text)),
        ["upper"] = (v, a) => a.Bind() is [] && v is MarkedText text && text.Equals(TextEdits.Upper(text)),
        ["odd"] = (v, a) => a.Bind() is [] && Remainder(v, 2, a) == 1,
        ["even"] = (v, a) => a.Bind() is [] && Remainder(v, 2, a) == 0,
        ["divisibleby"] = (v, a) => Remainder(v, a.Integer(a.Bind("num")[0]), a) == 0,
        ["sameas"] = (v, a) => a.Bind("other")[0] is var other && (Equals(v, other) || ReferenceEquals(v, other)) && v?.GetType() == other?.GetType(),
        ["in"] = (v, a) => Operators.Contains(a.Context, a.Bind("seq")[0], v),
        ["eq"] = AreEqual,
        ["equalto"] = AreEqual,
        ["ne"] = (v, a) => !AreEqual(v, a),
        ["lt"] = (v, a) => Compare(v, a) < 0,
        ["lessthan"] = (v, a) => Compare(v, a) < 0,
        ["le"] = (v, a) => Compare(v, a) <= 0,
        ["gt"] = (v, a) => Compare(v, a) > 0,
        ["greaterthan"] = (v, a) => Compare(v, a) > 0,
        ["ge"] = (v, a) => Compare(v, a) >= 0,
    };

    /// <exception cref="Core.BadInputException">There is no such test.</exception>
    public static Func<object?, Arguments, bool> Find(RenderContext context, string name) =>
        All.TryGetValue(name, out Func<object?, Arguments, bool>? test) ? test : throw context.Unsupported($"test '{name}'");

    private static bool AreEqual(object? value, Arguments arguments) => Operators.AreEqual(arguments.Context, value, arguments.Bind("other")[0]);

    private static int Compare(object? value, Arguments arguments) => Operators.Compare(arguments.Context, value, arguments.Bind("other")[0]);

    private static long Remainder(object? value, long divisor, Arguments arguments) =>
        divisor == 0 ? throw arguments.Context.Fail("division by zero") : (arguments.Integer(value) % divisor + divisor) % divisor;
}
