using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Methods of a string, as in Python.</summary>
internal static class TextMethods
{
    private static readonly Dictionary<string, Func<MarkedText, Arguments, object?>> All = new()
    {
        ["strip"] = (t, a) => TextEdits.Strip(t, CharsOf(a), left: true, right: true),
        ["lstrip"] = (t, a) => TextEdits.Strip(t, CharsOf(a), left: true, right: false),
        ["rstrip"] = (t, a) => TextEdits.Strip(t, CharsOf(a), left: false, right: true),
        ["split"] = (t, a) => Split(t, a, fromRight: false),
        ["rsplit"] = (t, a) => Split(t, a, fromRight: true),
        ["splitlines"] = (t, a) => a.Bind() is [] ? TextSplits.Lines(t) : null,
        ["startswith"] = (t, a) => AnyOf(a, part => t.Text.StartsWith(part, StringComparison.Ordinal)),
        ["endswith"] = (t, a) => AnyOf(a, part => t.Text.EndsWith(part, StringComparison.Ordinal)),
        ["upper"] = (t, a) => a.Bind() is [] ? TextEdits.Upper(t) : null,
        ["lower"] = (t, a) => a.Bind() is [] ? TextEdits.Lower(t) : null,
        ["title"] = (t, a) => a.Bind() is [] ? TextEdits.Title(t) : null,
        ["capitalize"] = (t, a) => a.Bind() is [] ? TextEdits.Capitalize(t) : null,
        ["replace"] = (t, a) => TextEdits.Replace(a.Bind("old", "new", "count"), t, a),
        ["join"] = (t, a) => TextEdits.Join(a.Context, Operators.Items(a.Context, a.Bind("items")[0]), t),
        ["removeprefix"] = (t, a) => RemovePrefix(t, a.Text(a.Bind("prefix")[0]).Text),
        ["removesuffix"] = (t, a) => RemoveSuffix(t, a.Text(a.Bind("suffix")[0]).Text),
        ["find"] = (t, a) => Find(t, t.Text.IndexOf(a.Text(a.Bind("part")[0]).Text, StringComparison.Ordinal)),
        ["rfind"] = (t, a) => Find(t, t.Text.LastIndexOf(a.Text(a.Bind("part")[0]).Text, StringComparison.Ordinal)),
        ["count"] = (t, a) => a.Text(a.Bind("part")[0]) is { Length: > 0 } part ? TextSplits.By(a.Context, t, part, -1, false).Count - 1L : t.PointCount + 1L,
        ["isdigit"] = (t, a) => AllChars(t, a, char.IsDigit),
        ["isalpha"] = (t, a) => AllChars(t, a, char.IsLetter),
        ["isalnum"] = (t, a) => AllChars(t, a, char.IsLetterOrDigit),
        ["isspace"] = (t, a) => AllChars(t, a, char.IsWhiteSpace),
        ["isupper"] = (t, a) => a.Bind() is [] && t.Text.Any(char.IsUpper) && !t.Text.Any(char.IsLower),
        ["islower"] = (t, a) => a.Bind() is [] && t.Text.Any(char.IsLower) && !t.Text.Any(char.IsUpper),
    };

    public static TemplateFunction? Find(MarkedText text, string name) =>
        All.TryGetValue(name, out Func<MarkedText, Arguments, object?>? method)
            ? (context, arguments) =>
            {
                context.Spend(text.Length);
                return method(text, arguments);
            }
    : null;

    private static object Find(MarkedText text, int offset) => offset < 0 ? -1L : text.PointAt(offset);

    /// <summary>The characters to strip; null for white space.</summary>
    private static string? CharsOf(Arguments arguments)
    {
        object? chars = arguments.Bind("chars")[0];
        return Arguments.IsMissing(chars) || chars is null ? null : arguments.Text(chars).Text;
    }

    private static object Split(MarkedText text, Arguments arguments, bool fromRight)
    {
        object?[] given = arguments.Bind("sep", "maxsplit");
        long limit = arguments.Integer(given[1], -1);
        return Arguments.IsMissing(given[0]) || given[0] is null
            ? TextSplits.BySpace(arguments.Context, text, limit, fromRight)
            : TextSplits.By(arguments.Context, text, arguments.Text(given[0]), limit, fromRight);
    }

    private static MarkedText RemovePrefix(MarkedText text, string prefix) =>
        text.Text.StartsWith(prefix, StringComparison.Ordinal) ? text.Part(prefix.Length, text.Length - prefix.Length) : text;

    private static MarkedText RemoveSuffix(MarkedText text, string suffix) =>
        text.Text.EndsWith(suffix, StringComparison.Ordinal) ? text.Part(0, text.Length - suffix.Length) : text;

    /// <summary>Whether one part, or any of a tuple of parts, satisfies the condition.</summary>
    private static object AnyOf(Arguments arguments, Func<string, bool> holds) => arguments.Bind("part")[0] switch
    {
        IReadOnlyList<object?> parts => parts.Any(p => holds(arguments.Text(p).Text)),
        var part => holds(arguments.Text(part).Text),
    };

    private static object AllChars(MarkedText text, Arguments arguments, Func<char, bool> holds) => arguments.Bind() is [] && text.Length > 0 && text.Text.All(holds);
}
