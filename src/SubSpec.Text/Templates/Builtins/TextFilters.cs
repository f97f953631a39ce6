using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Filters that make a string.</summary>
internal static class TextFilters
{
    public static IReadOnlyDictionary<string, Func<object?, Arguments, object?>> All { get; } = new Dictionary<string, Func<object?, Arguments, object?>>
    {
        ["string"] = (v, a) => Text(v, a, a.Bind()),
        ["safe"] = (v, a) => Text(v, a, a.Bind()),
        ["upper"] = (v, a) => TextEdits.Upper(Text(v, a, a.Bind())),
        ["lower"] = (v, a) => TextEdits.Lower(Text(v, a, a.Bind())),
        ["title"] = (v, a) => TextEdits.Title(Text(v, a, a.Bind())),
        ["capitalize"] = (v, a) => TextEdits.Capitalize(Text(v, a, a.Bind())),
        ["wordcount"] = (v, a) => (long)TextSplits.BySpace(a.Context, Text(v, a, a.Bind()), -1, fromRight: false).Count,
        ["trim"] = Trim,
        ["replace"] = (v, a) => TextEdits.Replace(a.Bind("old", "new", "count"), PythonText.Str(a.Context, v), a),
        ["indent"] = Indent,
        ["join"] = Join,
        ["tojson"] = ToJson,
    };

    private static MarkedText Text(object? value, Arguments arguments, object?[] none)
    {
        MarkedText text = none.Length == 0 ? PythonText.Str(arguments.Context, value) : MarkedText.Empty;
        arguments.Context.Spend(text.Length);
        return text;
    }

    private static object Trim(object? value, Arguments arguments)
    {
        object? chars = arguments.Bind("chars")[0];
        string? stripped = Arguments.IsMissing(chars) || chars is null ? null : arguments.Text(chars).Text;
        return TextEdits.Strip(PythonText.Str(arguments.Context, value), stripped, left: true, right: true);
    }

    /// <summary>Indents every line but the first (and blank ones) by a width or a text.</summary>
    private static object Indent(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("width", "first", "blank");
        MarkedText prefix = given[0] as MarkedText ?? MarkedText.FromTemplate(new string(' ', (int)Math.Clamp(arguments.Integer(given[0], 4), 0, 1000)));
        bool first = Arguments.Flag(given[1], false), blank = Arguments.Flag(given[2], false);
        var newLine = MarkedText.FromTemplate("\n");
        List<object?> lines = TextSplits.By(arguments.Context, PythonText.Str(arguments.Context, value), newLine, -1, fromRight: false);
        for (int i = 0; i < lines.Count; i++)
        {
            var line = (MarkedText)lines[i]!;
            if (i == 0 ? first : blank || line.Length > 0) lines[i] = MarkedText.Join([prefix, line]);
            arguments.Context.Spend(prefix.Length);
        }

        return TextEdits.Join(arguments.Context, lines, newLine);
    }

    private static object Join(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("d", "attribute");
        IReadOnlyList<object?> items = Operators.Items(arguments.Context, value);
        if (!Arguments.IsMissing(given[1])) items = [.. items.Select(i => Attributes.Get(arguments.Context, i, given[1]))];
        return TextEdits.Join(arguments.Context, items, PythonText.Str(arguments.Context, Arguments.IsMissing(given[0]) ? MarkedText.Empty : given[0]));
    }

    /// <summary>As Hugging Face defines it: Python's <c>json.dumps</c> with <c>ensure_ascii=False</c>, not Jinja's HTML-safe form.</summary>
    private static object ToJson(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("ensure_ascii", "indent", "separators", "sort_keys");
        // Templates write tojson(4) and mean the indent, which is first in Jinja's own filter.
        if (given[0] is long && arguments.Named.Count == 0) (given[0], given[1]) = (Arguments.Missing, given[0]);
        if (Arguments.Flag(given[0], false)) throw arguments.Context.Unsupported("tojson(ensure_ascii=true)");
        string? indent = given[1] switch
        {
            null or Undefined => null,
            MarkedText text => text.Text,
            var width => new string(' ', (int)Math.Clamp(arguments.Integer(width), 0, 100)),
        };
        IReadOnlyList<object?> separators = given[2] is null or Undefined ? [] : Operators.Items(arguments.Context, given[2]);
        if (separators.Count is not (0 or 2)) throw arguments.Context.Fail("tojson needs two separators");
        return JsonText.Write(
            arguments.Context,
            value,
            indent,
            separators.Count == 0 ? null : arguments.Text(separators[0]).Text,
            separators.Count == 0 ? null : arguments.Text(separators[1]).Text,
            Arguments.Flag(given[3], false));
    }
}
