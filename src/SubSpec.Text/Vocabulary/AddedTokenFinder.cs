namespace SubSpec.Text.Vocabulary;

/// <summary>Cuts a text at its added tokens: leftmost first, the longest where several begin at one place.</summary>
internal sealed class AddedTokenFinder(IEnumerable<AddedToken> tokens)
{
    private readonly Dictionary<char, AddedToken[]> _byFirstChar = tokens
        .Where(t => t.Content.Length > 0)
        .GroupBy(t => t.Content[0])
        .ToDictionary(g => g.Key, g => g.OrderByDescending(t => t.Content.Length).ToArray());

    /// <param name="text">The text to cut.</param>
    /// <param name="isPlain">Says of a place and length in the text that a special token there is plain text.</param>
    public IEnumerable<TextPart> Cut(string text, Func<int, int, bool> isPlain)
    {
        int plain = 0;
        for (int at = 0; at < text.Length;)
        {
            AddedToken? token = Match(text, at, isPlain);
            if (token is null)
            {
                at++;
                continue;
            }

            int start = at, end = at + token.Content.Length;
            while (token.LeftStrip && start > plain && char.IsWhiteSpace(text[start - 1])) start--;
            while (token.RightStrip && end < text.Length && char.IsWhiteSpace(text[end])) end++;
            if (start > plain) yield return new TextPart(plain, start - plain, null);
            yield return new TextPart(start, end - start, token.Id);
            plain = at = end;
        }

        if (plain < text.Length) yield return new TextPart(plain, text.Length - plain, null);
    }

    private AddedToken? Match(string text, int at, Func<int, int, bool> isPlain)
    {
        if (!_byFirstChar.TryGetValue(text[at], out AddedToken[]? candidates)) return null;
        foreach (AddedToken token in candidates)
        {
            int length = token.Content.Length;
            if (string.CompareOrdinal(text, at, token.Content, 0, length) == 0
                && !(token.Special && isPlain(at, length))
                && !(token.SingleWord && TouchesWord(text, at, length))) return token;
        }

        return null;
    }

    private static bool TouchesWord(string text, int at, int length) =>
        (at > 0 && IsWord(text[at - 1])) || (at + length < text.Length && IsWord(text[at + length]));

    private static bool IsWord(char c) => char.IsLetterOrDigit(c) || c == '_';
}
