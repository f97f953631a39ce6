using System.Text;
using SubSpec.Core.Text;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Streaming;

/// <summary>Decodes the bytes of tokens as one UTF-8 stream; an unfinished character waits for its next token.</summary>
internal sealed class Utf8Detokenizer(TokenTexts texts, bool keepSpecial) : IDetokenizer
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();

    public string Append(int token) => Decode(texts.Bytes(token, keepSpecial), flush: false);

    public string Flush() => Decode([], flush: true);

    private string Decode(ReadOnlySpan<byte> bytes, bool flush)
    {
        if (bytes.IsEmpty && !flush) return "";
        Span<char> chars = bytes.Length <= 256 ? stackalloc char[260] : new char[bytes.Length + 4];
        int count = _decoder.GetChars(bytes, chars, flush);
        return count == 0 ? "" : new string(chars[..count]);
    }
}
