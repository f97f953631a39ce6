using SubSpec.Core.Text;

namespace SubSpec.Server.Tests.Http.Tools;

/// <summary>Counts how often a codec's chat template is used.</summary>
internal sealed class CountingCodec(ITextCodec codec) : ITextCodec
{
    private int _chats;

    public int Chats => _chats;

    public int VocabularySize => codec.VocabularySize;

    public bool HasChatTemplate => codec.HasChatTemplate;

    public IReadOnlyList<int> Encode(string text, bool parseSpecial) => codec.Encode(text, parseSpecial);

    public IReadOnlyList<int> EncodePrompt(string text) => codec.EncodePrompt(text);

    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables? variables = null)
    {
        Interlocked.Increment(ref _chats);
        return codec.EncodeChat(messages, addGenerationPrompt, variables);
    }

    public string Decode(IReadOnlyList<int> ids, bool keepSpecial = false) => codec.Decode(ids, keepSpecial);

    public ReadOnlySpan<byte> BytesOf(int id) => codec.BytesOf(id);

    public IDetokenizer CreateDetokenizer(bool afterText = false) => codec.CreateDetokenizer(afterText);
}
