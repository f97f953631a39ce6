using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Python's ways to split a string. A negative limit means as many splits as there are.</summary>
internal static class TextSplits
{
    public static List<object?> By(RenderContext context, MarkedText text, MarkedText separator, long limit, bool fromRight)
    {
        if (separator.Length == 0) throw context.Fail("split() needs a separator that is not empty");
        List<int> cuts = [];
        int from = fromRight ? text.Length : 0;
        while (limit < 0 || cuts.Count < limit)
        {
            int at = fromRight
                ? text.Text.AsSpan(0, from).LastIndexOf(separator.Text, StringComparison.Ordinal)
                : text.Text.IndexOf(separator.Text, from, StringComparison.Ordinal);
            if (at < 0) break;
            context.Spend(fromRight ? from : at - from + 1);
            cuts.Add(at);
            from = fromRight ? at : at + separator.Length;
        }

        cuts.Sort();
        return Parts(text, cuts.Select(at => (at, at + separator.Length)));
    }

    /// <summary>Splits at runs of white space; there are no empty parts.</summary>
    public static List<object?> BySpace(RenderContext context, MarkedText text, long limit, bool fromRight)
    {
        MarkedText inner = TextEdits.Strip(text, null, left: true, right: true);
        if (inner.Length == 0) return [];
        var gaps = new List<(int Start, int End)>();
        for (int i = 0; i < inner.Length; i++)
        {
            if (!char.IsWhiteSpace(inner.Text[i])) continue;
            int start = i;
            while (char.IsWhiteSpace(inner.Text[i])) i++;
            gaps.Add((start, i));
        }

        context.Spend(inner.Length);
        int count = limit < 0 ? gaps.Count : (int)Math.Min(limit, gaps.Count);
        List<object?> parts = Parts(inner, fromRight ? gaps.TakeLast(count) : gaps.Take(count));
        // White space at the outer end of an unsplit rest stays in Python: only the side that was split is stripped.
        if (count < gaps.Count || limit == 0) RestoreOuterSpace(text, parts, fromRight);
        return parts;
    }

    public static List<object?> Lines(MarkedText text)
    {
        var lines = new List<object?>();
        int start = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text.Text[i] is not ('\n' or '\r' or '\v' or '\f' or '\u0085' or '\u2028' or '\u2029')) continue;
            lines.Add(text.Part(start, i - start));
            if (text.Text[i] == '\r' && i + 1 < text.Length && text.Text[i + 1] == '\n') i++;
            start = i + 1;
        }

        if (start < text.Length) lines.Add(text.Part(start, text.Length - start));
        return lines;
    }

    private static List<object?> Parts(MarkedText text, IEnumerable<(int Start, int End)> gaps)
    {
        var parts = new List<object?>();
        int from = 0;
        foreach ((int start, int end) in gaps)
        {
            parts.Add(text.Part(from, start - from));
            from = end;
        }

        parts.Add(text.Part(from, text.Length - from));
        return parts;
    }

    private static void RestoreOuterSpace(MarkedText text, List<object?> parts, bool fromRight)
    {
        if (fromRight)
        {
            int lead = text.Length - text.Text.TrimStart().Length;
            parts[0] = MarkedText.Join([text.Part(0, lead), (MarkedText)parts[0]!]);
        }
        else
        {
            int end = text.Text.TrimEnd().Length;
            parts[^1] = MarkedText.Join([(MarkedText)parts[^1]!, text.Part(end, text.Length - end)]);
        }
    }
}
