using System.Globalization;
using System.Text;

namespace SubSpec.Text.Templates.Syntax;

/// <summary>The escapes of a string literal, as Python reads them; an unknown escape stays as it is written.</summary>
internal static class StringEscapes
{
    private const string Letters = "abfnrtv\\'\"", Meanings = "\a\b\f\n\r\t\v\\'\"";

    public static string Resolve(string raw)
    {
        if (!raw.Contains('\\')) return raw;
        var text = new StringBuilder(raw.Length);
        for (int i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '\\' || i + 1 == raw.Length)
            {
                text.Append(raw[i]);
                continue;
            }

            char escape = raw[++i];
            int letter = Letters.IndexOf(escape);
            int digits = escape switch { 'x' => 2, 'u' => 4, 'U' => 8, _ => 0 };
            if (letter >= 0) text.Append(Meanings[letter]);
            else if (digits > 0 && TryHex(raw, i + 1, digits, out string? character))
            {
                text.Append(character);
                i += digits;
            }
            else if (escape != '\n') text.Append('\\').Append(escape);
        }

        return text.ToString();
    }

    private static bool TryHex(string raw, int start, int digits, out string? character)
    {
        character = null;
        if (start + digits > raw.Length || !uint.TryParse(raw.AsSpan(start, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out uint point)) return false;
        if (point > 0x10FFFF) return false;
        character = point < 0x10000 ? ((char)point).ToString() : char.ConvertFromUtf32((int)point);
        return true;
    }
}
