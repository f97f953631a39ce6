using System.Text;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Files;
using SubSpec.Text.Streaming;
using SubSpec.Text.Templates;
using SubSpec.Text.Templates.Values;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text;

/// <summary>The tokenizer of a Hugging Face model folder: vocabulary, added tokens and chat templates.</summary>
public sealed class HuggingFaceTokenizer : ITextCodec
{
    private readonly TokenizerDefinition _definition;
    private readonly AddedTokenFinder _addedTokens;
    private readonly TokenTexts _texts;
    private readonly ChatTemplates _templates;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly TimeProvider _clock;

    private HuggingFaceTokenizer(TokenizerDefinition definition, ChatTemplates templates, IReadOnlyDictionary<string, string> specialTokens, TimeProvider clock)
    {
        _definition = definition;
        _addedTokens = new AddedTokenFinder(definition.AddedTokens);
        _texts = new TokenTexts(definition.Vocabulary, definition.Decoding.BytesOf, definition.AddedTokens);
        _templates = templates;
        _specialTokens = specialTokens;
        _clock = clock;
    }

    public int VocabularySize => _texts.Count;

    public bool HasChatTemplate => _templates.Any;

    /// <summary>Loads the tokenizer of a folder that has <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>, or <c>tokenizer.model</c>.</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <param name="clock">The time that chat templates may ask for; the system's when null.</param>
    /// <exception cref="BadInputException">The folder has no tokenizer, or one that is damaged or not supported.</exception>
    public static HuggingFaceTokenizer Load(string modelFolder, TimeProvider? clock = null)
    {
        TokenizerConfig config = TokenizerConfig.ReadFrom(modelFolder);
        return new HuggingFaceTokenizer(
            ModelFolder.ReadTokenizer(modelFolder, config), ModelFolder.ReadChatTemplates(modelFolder, config), config.SpecialTokens, clock ?? TimeProvider.System);
    }

    /// <summary>The files of a model folder that <see cref="Load"/> would read the vocabulary from; none where there is no tokenizer.</summary>
    public static IReadOnlyList<string> FilesOf(string modelFolder) => ModelFolder.TokenizerFiles(modelFolder);

    public IReadOnlyList<int> Encode(string text, bool parseSpecial) => Encode(text, (_, _) => !parseSpecial);

    public IReadOnlyList<int> EncodePrompt(string text)
    {
        IReadOnlyList<int> ids = Encode(text, parseSpecial: true);
        return ids.Take(_definition.PromptPrefix.Count).SequenceEqual(_definition.PromptPrefix) ? ids : [.. _definition.PromptPrefix, .. ids];
    }

    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt, ChatVariables? variables = null)
    {
        ChatTemplate template = _templates.Choose(tools: variables?.Tools is not null);
        MarkedText prompt = template.Render(ChatPrompt.Variables(messages, addGenerationPrompt, variables ?? ChatVariables.None, _specialTokens), _clock);
        return Encode(prompt.Text, prompt.IsInput);
    }

    public string Decode(IReadOnlyList<int> ids, bool keepSpecial = false)
    {
        var detokenizer = new Utf8Detokenizer(_texts, keepSpecial, _definition.Decoding.LeadingSpaces);
        var text = new StringBuilder();
        foreach (int id in ids) text.Append(detokenizer.Append(id));
        return text.Append(detokenizer.Flush()).ToString();
    }

    public ReadOnlySpan<byte> BytesOf(int id) => _texts.Bytes(id, keepSpecial: true);

    public IDetokenizer CreateDetokenizer(bool afterText = false) =>
        new Utf8Detokenizer(_texts, keepSpecial: false, leadingSpaces: afterText ? 0 : _definition.Decoding.LeadingSpaces);

    private List<int> Encode(string text, Func<int, int, bool> isPlain)
    {
        var ids = new List<int>();
        string wellFormed = Utf16.WellFormed(text);
        foreach (TextPart part in _addedTokens.Cut(wellFormed, isPlain))
        {
            if (part.Id is { } id) ids.Add(id);
            else EncodePlain(wellFormed.Substring(part.Start, part.Length), part.Start == 0, ids);
        }

        return ids;
    }

    private void EncodePlain(string text, bool first, List<int> ids)
    {
        string normal = _definition.Normalize(text);
        if (normal.Length == 0) return;
        foreach (string piece in _definition.Splitter.Split(normal, first)) _definition.Encoder.Append(piece, ids);
    }
}
