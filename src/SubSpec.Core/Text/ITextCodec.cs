namespace SubSpec.Core.Text;

/// <summary>Text to token ids and back, for one model. Immutable: one codec serves any number of threads.</summary>
public interface ITextCodec
{
    /// <summary>One more than the highest id that has text. A model may have more rows in its head; their ids decode to nothing.</summary>
    int VocabularySize { get; }

    /// <summary>Whether <see cref="EncodeChat"/> can be used.</summary>
    bool HasChatTemplate { get; }

    /// <summary>Ids of exactly this text, with nothing added before or after it.</summary>
    /// <param name="text">Any text; a lone surrogate is read as U+FFFD.</param>
    /// <param name="parseSpecial">True: a special token's text (such as an end-of-turn mark) becomes that token. False: it stays plain text.</param>
    IReadOnlyList<int> Encode(string text, bool parseSpecial);

    /// <summary>
    /// Ids of a raw (completion) prompt: special tokens are parsed, and the beginning-of-text token is put first where the model's
    /// tokenizer asks for one and the text does not already begin with it.
    /// </summary>
    IReadOnlyList<int> EncodePrompt(string text);

    /// <summary>Ids of a conversation through the model's chat template. Only the template can write special tokens; messages cannot.</summary>
    /// <param name="messages">The conversation, oldest message first.</param>
    /// <param name="addGenerationPrompt">True: end with the opening of the assistant's answer.</param>
    /// <param name="variables">Tools and what else the template is given; null for nothing.</param>
    /// <exception cref="BadInputException">There is no chat template, or it refuses this conversation.</exception>
    IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables? variables = null);

    /// <summary>Text of the ids. Bytes that are not UTF-8 become U+FFFD; ids without text are skipped.</summary>
    /// <param name="ids">Token ids.</param>
    /// <param name="keepSpecial">True: special tokens are written out; false: they are skipped.</param>
    string Decode(IReadOnlyList<int> ids, bool keepSpecial = false);

    /// <summary>The bytes that a token stands for, special ones written out: a part of a character, perhaps. Empty for an id without text.</summary>
    ReadOnlySpan<byte> BytesOf(int id);

    /// <summary>A new streaming decoder, for one sequence. It skips special tokens.</summary>
    /// <param name="afterText">
    /// True: the ids continue a text, so a space that the first one begins with is text. False: they are a whole text, of which
    /// SentencePiece's leading space is no part, as in <see cref="Decode"/>.
    /// </param>
    IDetokenizer CreateDetokenizer(bool afterText = false);
}
