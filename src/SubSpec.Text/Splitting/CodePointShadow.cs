using System.Globalization;
using System.Text;

namespace SubSpec.Text.Splitting;

/// <summary>
/// A text as a .NET regular expression should see it: one char per code point. .NET matches UTF-16 units, to which a letter
/// beyond U+FFFF is two surrogates and no letter, so such a code point is shown as a BMP character of the same general category.
/// </summary>
internal sealed class CodePointShadow
{
    private static readonly char[] StandIns = FindStandIns();
    private readonly string _original;
    private readonly int[]? _offsets;

    private CodePointShadow(string original, string text, int[]? offsets)
    {
        _original = original;
        Text = text;
        _offsets = offsets;
    }

    public string Text { get; }

    /// <param name="text">Well-formed UTF-16.</param>
    public static CodePointShadow Of(string text)
    {
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF')) return new CodePointShadow(text, text, null);

        var shadow = new StringBuilder(text.Length);
        var offsets = new List<int>(text.Length);
        int offset = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            shadow.Append(rune.IsBmp ? (char)rune.Value : StandIns[(int)Rune.GetUnicodeCategory(rune)]);
            offsets.Add(offset);
            offset += rune.Utf16SequenceLength;
        }

        return new CodePointShadow(text, shadow.ToString(), [.. offsets, offset]);
    }

    /// <summary>The original text of the shadow's range [start, end).</summary>
    public string Original(int start, int end) => _offsets is null ? _original[start..end] : _original[_offsets[start].._offsets[end]];

    /// <summary>For each category its first character in the order U+A000 to U+FFFF (little used, named in no pattern), then from U+0000.</summary>
    private static char[] FindStandIns()
    {
        var standIns = new char[Enum.GetValues<UnicodeCategory>().Length];
        foreach (int point in Enumerable.Range(0xA000, 0x6000).Concat(Enumerable.Range(0, 0xA000)))
        {
            ref char standIn = ref standIns[(int)char.GetUnicodeCategory((char)point)];
            if (standIn == 0) standIn = (char)point;
        }

        return standIns;
    }
}
