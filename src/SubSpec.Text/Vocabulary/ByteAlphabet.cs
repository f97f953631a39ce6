using System.Text;

namespace SubSpec.Text.Vocabulary;

/// <summary>
/// The byte-level alphabet of GPT-2: every byte has a printable character. Printable Latin-1 bytes stand for themselves, the
/// others take the characters from U+0100 on, in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] CharOfByte = MakeAlphabet();
    private static readonly Dictionary<char, byte> ByteOfChar = Enumerable.Range(0, 256).ToDictionary(b => CharOfByte[b], b => (byte)b);

    public static IReadOnlyList<char> Characters => CharOfByte;

    /// <summary>The UTF-8 bytes of <paramref name="text"/>, each as its character.</summary>
    public static string Encode(string text) => OfBytes(Encoding.UTF8.GetBytes(text));

    /// <summary>Each byte as its character.</summary>
    public static string OfBytes(ReadOnlySpan<byte> bytes)
    {
        var chars = new char[bytes.Length];
        for (int i = 0; i < chars.Length; i++) chars[i] = CharOfByte[bytes[i]];
        return new string(chars);
    }

    /// <summary>The bytes that a token of the vocabulary stands for, or null when it is not written in this alphabet.</summary>
    public static byte[]? Decode(string token)
    {
        var bytes = new byte[token.Length];
        for (int i = 0; i < token.Length; i++)
        {
            if (!ByteOfChar.TryGetValue(token[i], out bytes[i])) return null;
        }

        return bytes;
    }

    private static char[] MakeAlphabet()
    {
        var alphabet = new char[256];
        char next = '\u0100';
        for (int b = 0; b < 256; b++)
        {
            bool printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            alphabet[b] = printable ? (char)b : next++;
        }

        return alphabet;
    }
}
