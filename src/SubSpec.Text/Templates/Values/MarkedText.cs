using System.Text;

namespace SubSpec.Text.Templates.Values;

/// <summary>
/// A text that knows which of its characters came from the request and which from the template. Whatever the template does with
/// it, a user's text keeps its marks, and special tokens are never read from marked characters.
/// </summary>
internal sealed class MarkedText : IEquatable<MarkedText>
{
    private readonly bool[]? _marks;
    private int[]? _points;

    private MarkedText(string text, bool[]? marks)
    {
        Text = text;
        _marks = marks;
    }

    public static MarkedText Empty { get; } = new("", null);

    public string Text { get; }

    /// <summary>Length in UTF-16 units.</summary>
    public int Length => Text.Length;

    /// <summary>Length in code points, which is what a template counts.</summary>
    public int PointCount => Points is { } points ? points.Length - 1 : Text.Length;

    public bool HasInput => _marks is not null && _marks.Contains(true);

    /// <summary>Offsets of the code points and of the end; null where every code point is one unit.</summary>
    private int[]? Points => Text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF') ? _points ??= FindPoints() : null;

    public static MarkedText FromTemplate(string text) => new(text, null);

    public static MarkedText FromInput(string text) => Of(text, input: true);

    public static MarkedText Of(string text, bool input)
    {
        if (!input) return FromTemplate(text);
        var marks = new bool[text.Length];
        Array.Fill(marks, true);
        return new MarkedText(text, marks);
    }

    public static MarkedText Join(IReadOnlyList<MarkedText> parts)
    {
        if (parts.Count == 1) return parts[0];
        var text = new StringBuilder(parts.Sum(p => p.Length));
        foreach (MarkedText part in parts) text.Append(part.Text);
        if (parts.All(p => p._marks is null)) return FromTemplate(text.ToString());

        var marks = new bool[text.Length];
        int at = 0;
        foreach (MarkedText part in parts)
        {
            part._marks?.CopyTo(marks, at);
            at += part.Length;
        }

        return new MarkedText(text.ToString(), marks);
    }

    /// <summary>Whether any of these characters came from the request.</summary>
    public bool IsInput(int start, int length) => _marks is not null && _marks.AsSpan(start, length).Contains(true);

    /// <summary>A part, in UTF-16 units.</summary>
    public MarkedText Part(int start, int length) =>
        start == 0 && length == Length ? this : new MarkedText(Text.Substring(start, length), _marks?.AsSpan(start, length).ToArray());

    /// <summary>One code point.</summary>
    public MarkedText Point(int index) => Points is { } points ? Part(points[index], points[index + 1] - points[index]) : Part(index, 1);

    /// <summary>The index of a code point that begins at a UTF-16 offset.</summary>
    public int PointAt(int offset) => Points is { } points ? Array.BinarySearch(points, offset) : offset;

    /// <summary>The same characters written otherwise (such as in upper case), one for one.</summary>
    public MarkedText Rewrite(Func<string, string> change)
    {
        string text = change(Text);
        return text.Length == Length ? new MarkedText(text, _marks) : Of(text, HasInput);
    }

    public bool Equals(MarkedText? other) => other is not null && Text == other.Text;

    public override bool Equals(object? obj) => Equals(obj as MarkedText);

    public override int GetHashCode() => string.GetHashCode(Text, StringComparison.Ordinal);

    public override string ToString() => Text;

    private int[] FindPoints()
    {
        var points = new List<int>(Length);
        for (int i = 0; i < Length; i++)
        {
            points.Add(i);
            if (i + 1 < Length && char.IsSurrogatePair(Text[i], Text[i + 1])) i++;
        }

        return [.. points, Length];
    }
}
