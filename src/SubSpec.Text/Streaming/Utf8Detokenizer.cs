using System.Text;
using SubSpec.Core.Text;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Streaming;

/// <summary>Decodes the bytes of tokens as one UTF-8 stream; an unfinished character waits for its next token.</summary>
/// <param name="texts">The tokens' bytes.</param>
/// <param name="keepSpecial">Whether special tokens are written out.</param>
/// <param name="leadingSpaces">At most so many spaces at the very beginning are not text (SentencePiece puts one before every text).</param>
internal sealed class Utf8Detokenizer(TokenTexts texts, bool keepSpecial, int leadingSpaces) : IDetokenizer
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private int _stripped;

    public string Append(int token) => Decode(texts.Bytes(token, keepSpecial), flush: false);

    public string Flush()
    {
        string rest = Decode([], flush: true);
        _stripped = 0;
        return rest;
    }

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (bytes.IsEmpty && !flush) return "";
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[260] : new char[bytes.Length + 4];
        return new string(Strip(chars[.._decoder.GetChars(bytes, chars, flush)]));
    }

    private ReadOnlySpan<char> Strip(ReadOnlySpan<char> chars)
    {
        int spaces = 0;
        while (spaces < chars.Length && _stripped < leadingSpaces && chars[spaces] == ' ')
        {
            spaces++;
            _stripped++;
        }

        // Text has begun: what follows stays.
        if (spaces < chars.Length) _stripped = leadingSpaces;
        return chars[spaces..];
    }
}
