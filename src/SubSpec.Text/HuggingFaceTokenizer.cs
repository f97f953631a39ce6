using System.Text;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Files;
using SubSpec.Text.Normalization;
using SubSpec.Text.Streaming;
using SubSpec.Text.Templates;
using SubSpec.Text.Templates.Values;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text;

/// <summary>The tokenizer of a Hugging Face model folder: byte-level BPE, added tokens and the chat template.</summary>
public sealed class HuggingFaceTokenizer : ITextCodec
{
    private readonly TokenizerDefinition _definition;
    private readonly AddedTokenFinder _addedTokens;
    private readonly ByteLevelBpe _bpe;
    private readonly TokenTexts _texts;

    private readonly Lazy<ChatTemplate>? _template;
    private readonly IReadOnlyDictionary<string, string> _specialTokens;
    private readonly TimeProvider _clock;

    private HuggingFaceTokenizer(TokenizerDefinition definition, string? template, IReadOnlyDictionary<string, string> specialTokens, TimeProvider clock)
    {
        _definition = definition;
        _addedTokens = new AddedTokenFinder(definition.AddedTokens);
        _bpe = new ByteLevelBpe(definition.Vocabulary, definition.Merges, definition.IgnoreMerges);
        _texts = new TokenTexts(definition.Vocabulary, definition.AddedTokens);
        // Parsed at the first use: a template that cannot be used must not keep the model from completing plain prompts.
        _template = template is null ? null : new Lazy<ChatTemplate>(() => ChatTemplate.Parse(template));
        _specialTokens = specialTokens;
        _clock = clock;
    }

    public int VocabularySize => _texts.Count;

    public bool HasChatTemplate => _template is not null;

    /// <summary>Loads the tokenizer of a folder that has <c>tokenizer.json</c>, or <c>vocab.json</c> and <c>merges.txt</c>.</summary>
    /// <param name="modelFolder">The model's folder.</param>
    /// <param name="clock">The time that chat templates may ask for; the system's when null.</param>
    /// <exception cref="BadInputException">The folder has no tokenizer, or one that is damaged or not supported.</exception>
    public static HuggingFaceTokenizer Load(string modelFolder, TimeProvider? clock = null)
    {
        TokenizerConfig config = TokenizerConfig.ReadFrom(modelFolder);
        TokenizerDefinition definition = ModelFolder.ReadTokenizer(modelFolder, config);
        string? template = ModelFolder.ReadChatTemplate(modelFolder, config);
        return new HuggingFaceTokenizer(definition, template, config.SpecialTokens, clock ?? TimeProvider.System);
    }

    public IReadOnlyList<int> Encode(string text, bool parseSpecial) => Encode(text, (_, _) => !parseSpecial);

    public IReadOnlyList<int> EncodePrompt(string text)
    {
        IReadOnlyList<int> ids = Encode(text, parseSpecial: true);
        return ids.Take(_definition.PromptPrefix.Count).SequenceEqual(_definition.PromptPrefix) ? ids : [.. _definition.PromptPrefix, .. ids];
    }

    public IReadOnlyList<int> EncodeChat(IReadOnlyList<ChatMessage> messages, bool addGenerationPrompt)
    {
        if (_template is null) throw new BadInputException("the model has no chat template: use a plain prompt, or put a chat_template.jinja into the model folder");
        IReadOnlyList<ChatMessage> wellFormed = [.. messages.Select(m => new ChatMessage(WellFormed(m.Role), WellFormed(m.Content)))];
        MarkedText prompt = _template.Value.Render(ChatPrompt.Variables(wellFormed, addGenerationPrompt, _specialTokens), _clock);
        return Encode(prompt.Text, prompt.IsInput);
    }

    public string Decode(IReadOnlyList<int> ids, bool keepSpecial = false)
    {
        var detokenizer = new Utf8Detokenizer(_texts, keepSpecial);
        var text = new StringBuilder();
        foreach (int id in ids) text.Append(detokenizer.Append(id));
        return text.Append(detokenizer.Flush()).ToString();
    }

    public IDetokenizer CreateDetokenizer() => new Utf8Detokenizer(_texts, keepSpecial: false);

    private List<int> Encode(string text, Func<int, int, bool> isPlain)
    {
        var ids = new List<int>();
        string wellFormed = WellFormed(text);
        foreach (TextPart part in _addedTokens.Cut(wellFormed, isPlain))
        {
            if (part.Id is { } id) ids.Add(id);
            else EncodePlain(wellFormed.Substring(part.Start, part.Length), ids);
        }

        return ids;
    }

    private void EncodePlain(string text, List<int> ids)
    {
        string normal = _definition.ComposeNfc ? Nfc.Normalize(text) : text;
        foreach (string piece in _definition.Splitter.Split(normal)) _bpe.Append(piece, ids);
    }

    /// <summary>Lone surrogates become U+FFFD: one char for one, so places in the text stay what they are.</summary>
    private static string WellFormed(string text)
    {
        int first = IndexOfLoneSurrogate(text, 0);
        if (first < 0) return text;
        char[] chars = text.ToCharArray();
        for (int at = first; at >= 0; at = IndexOfLoneSurrogate(text, at + 1)) chars[at] = '\uFFFD';
        return new string(chars);
    }

    private static int IndexOfLoneSurrogate(string text, int start)
    {
        for (int i = start; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 >= text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return i;
            i++;
        }

        return -1;
    }
}
