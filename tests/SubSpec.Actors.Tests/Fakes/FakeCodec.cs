using SubSpec.Core;
using SubSpec.Core.Text;

namespace SubSpec.Actors.Tests.Fakes;

/// <summary>Text in which every token is one character: token t is the character ' ' + t. Texts with '!' break it; chat needs a user.</summary>
internal sealed class FakeCodec : ITextCodec
{
    /// <summary>Called when a session asks for its detokenizer; may throw.</summary>
    public Action OnDetokenizer { get; init; } = () => { };

    public int VocabularySize => 95;

    public bool HasChatTemplate => true;

    public static string TextOf(IEnumerable<int> tokens) => string.Concat(tokens.Select(t => (char)(' ' + t)));

    public IReadOnlyList<int> Encode(string text, bool parseSpecial) => [.. text.Select(c => c - ' ')];

    public IReadOnlyList<int> EncodePrompt(string text) =>
        text.Contains('!', StringComparison.Ordinal) ? throw new InvalidOperationException("cannot tokenize") : Encode(text, true);

    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables? variables = null) =>
        messages.Any(m => m.Role == "user")
            ? [.. messages.SelectMany(m => Encode(m.Content, false))]
            : throw new BadInputException("the template wants a user message");

    public string Decode(IReadOnlyList<int> ids, bool keepSpecial = false) => TextOf(ids);

    public ReadOnlySpan<byte> BytesOf(int id) => System.Text.Encoding.UTF8.GetBytes(TextOf([id]));

    public IDetokenizer CreateDetokenizer(bool afterText = false)
    {
        OnDetokenizer();
        return new Detokenizer();
    }

    private sealed class Detokenizer : IDetokenizer
    {
        public string Append(int token) => TextOf([token]);

        public string Flush() => "";
    }
}
