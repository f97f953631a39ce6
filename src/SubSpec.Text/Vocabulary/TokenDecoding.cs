using System.Text;

namespace SubSpec.Text.Vocabulary;

/// <summary>How a vocabulary's tokens become text.</summary>
/// <param name="BytesOf">The bytes that a token stands for.</param>
/// <param name="LeadingSpaces">At most so many spaces at the beginning of a decoded text are left out.</param>
internal sealed record TokenDecoding(Func<string, byte[]> BytesOf, int LeadingSpaces)
{
    /// <summary>Tokens in the byte alphabet.</summary>
    public static TokenDecoding ByteLevel { get; } = new(token => ByteAlphabet.Decode(token) ?? Encoding.UTF8.GetBytes(token), 0);

    /// <summary>Tokens as text, <c>&lt;0x0A&gt;</c> and the like as bytes.</summary>
    public static TokenDecoding Characters(Func<string, string> textOf, bool byteFallback, int leadingSpaces) => new(
        token => byteFallback && UnknownCharacters.ByteOf(token) is { } b ? [b] : Encoding.UTF8.GetBytes(textOf(token)), leadingSpaces);
}
