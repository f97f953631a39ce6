using System.Text;

namespace SubSpec.Text.Vocabulary;

/// <summary>What becomes of a character that has no token: its bytes (byte fallback), else the unknown token, else nothing.</summary>
/// <param name="idOfByte">Ids of <c>&lt;0x00&gt;</c> to <c>&lt;0xFF&gt;</c>, -1 for one that is missing; null without byte fallback.</param>
/// <param name="unknownId">The unknown token, or null.</param>
/// <param name="fuse">Several unknown characters in a row make one unknown token.</param>
internal sealed class UnknownCharacters(int[]? idOfByte, int? unknownId, bool fuse)
{
    /// <summary>The tokens of single bytes in a vocabulary, -1 where there is none.</summary>
    public static int[] FindBytes(Dictionary<string, int> vocabulary) =>
        [.. Enumerable.Range(0, 256).Select(b => vocabulary.GetValueOrDefault($"<0x{b:X2}>", -1))];

    /// <summary>The byte that a token such as <c>&lt;0x0A&gt;</c> stands for, or null.</summary>
    public static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[5] == '>' && char.IsAsciiHexDigit(token[3]) && char.IsAsciiHexDigit(token[4])
            ? Convert.FromHexString(token.AsSpan(3, 2))[0]
            : null;

    public void Append(ReadOnlySpan<char> character, List<int> symbols)
    {
        if (idOfByte is not null)
        {
            Span<byte> utf8 = stackalloc byte[4];
            utf8 = utf8[..Encoding.UTF8.GetBytes(character, utf8)];
            int before = symbols.Count;
            foreach (byte b in utf8) symbols.Add(idOfByte[b]);
            if (symbols.IndexOf(-1, before) < 0) return;
            symbols.RemoveRange(before, utf8.Length);
        }

        if (unknownId is { } id && !(fuse && symbols.Count > 0 && symbols[^1] == id)) symbols.Add(id);
    }
}
