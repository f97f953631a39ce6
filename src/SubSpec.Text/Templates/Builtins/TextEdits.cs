using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Changes of a string that filters and methods share; every character keeps its mark.</summary>
internal static class TextEdits
{
    /// <param name="text">The text.</param>
    /// <param name="chars">The characters to strip; null for white space.</param>
    /// <param name="left">Whether to strip the beginning.</param>
    /// <param name="right">Whether to strip the end.</param>
    public static MarkedText Strip(MarkedText text, string? chars, bool left, bool right)
    {
        int start = 0, end = text.Length;
        bool Strips(char c) => chars is null ? char.IsWhiteSpace(c) : chars.Contains(c);
        while (left && start < end && Strips(text.Text[start])) start++;
        while (right && end > start && Strips(text.Text[end - 1])) end--;
        return text.Part(start, end - start);
    }

    public static MarkedText Upper(MarkedText text) => text.Rewrite(t => t.ToUpperInvariant());

    public static MarkedText Lower(MarkedText text) => text.Rewrite(t => t.ToLowerInvariant());

    public static MarkedText Capitalize(MarkedText text) =>
        text.Rewrite(t => t.Length == 0 ? t : char.ToUpperInvariant(t[0]) + t[1..].ToLowerInvariant());

    /// <summary>Letters after a letter become small, other letters capital.</summary>
    public static MarkedText Title(MarkedText text) => text.Rewrite(t => string.Concat(
        t.Select((c, i) => i > 0 && char.IsLetter(t[i - 1]) ? char.ToLowerInvariant(c) : char.ToUpperInvariant(c))));

    /// <summary>Replaces <c>[old, new, count]</c>; a count that is missing, none or negative means all.</summary>
    public static MarkedText Replace(object?[] given, MarkedText text, Arguments arguments)
    {
        MarkedText old = arguments.Text(given[0]), replacement = arguments.Text(given[1]);
        long limit = given[2] is null ? -1 : arguments.Integer(given[2], -1);
        if (old.Length == 0) throw arguments.Context.Unsupported("replacing an empty string");
        return Join(arguments.Context, TextSplits.By(arguments.Context, text, old, limit, fromRight: false), replacement);
    }

    public static MarkedText Join(RenderContext context, IReadOnlyList<object?> items, MarkedText separator)
    {
        var parts = new List<MarkedText> { MarkedText.Empty };
        foreach (object? item in items)
        {
            if (parts.Count > 1) parts.Add(separator);
            parts.Add(PythonText.Str(context, item));
            context.Spend(parts[^1].Length + separator.Length);
        }

        return MarkedText.Join(parts);
    }
}
