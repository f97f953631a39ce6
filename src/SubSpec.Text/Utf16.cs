namespace SubSpec.Text;

/// <summary>Text that may hold half a surrogate pair.</summary>
internal static class Utf16
{
    /// <summary>Lone surrogates become U+FFFD: one char for one, so places in the text stay what they are.</summary>
    public static string WellFormed(string text)
    {
        int first = IndexOfLoneSurrogate(text, 0);
        if (first < 0) return text;
        char[] chars = text.ToCharArray();
        for (int at = first; at >= 0; at = IndexOfLoneSurrogate(text, at + 1)) chars[at] = '\uFFFD';
        return new string(chars);
    }

    private static int IndexOfLoneSurrogate(string text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return i;
            i++;
        }

        return -1;
    }
}
