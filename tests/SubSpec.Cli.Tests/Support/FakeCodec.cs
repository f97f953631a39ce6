using SubSpec.Core.Text;

namespace SubSpec.Cli.Tests.Support;

/// <summary>Says whether there is a chat template; the command line asks a codec for nothing else.</summary>
internal sealed class FakeCodec(bool hasChatTemplate) : ITextCodec
{
    public int VocabularySize => 100;

    public bool HasChatTemplate => hasChatTemplate;

    public IReadOnlyList<int> Encode(string text, bool parseSpecial) => throw new NotSupportedException();

    public IReadOnlyList<int> EncodePrompt(string text) => throw new NotSupportedException();

    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables? variables = null) => throw new NotSupportedException();

    public string Decode(IReadOnlyList<int> ids, bool keepSpecial = false) => throw new NotSupportedException();

    public ReadOnlySpan<byte> BytesOf(int id) => throw new NotSupportedException();

    public IDetokenizer CreateDetokenizer(bool afterText = false) => throw new NotSupportedException();
}
