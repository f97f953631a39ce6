using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>What a folder's tokenizer files say, whichever files they are.</summary>
/// <param name="Vocabulary">Token (in the byte alphabet) to id.</param>
/// <param name="Merges">Pairs <c>a b</c>, most important first.</param>
/// <param name="IgnoreMerges">A piece that is itself a token becomes that token.</param>
/// <param name="ComposeNfc">Text is brought into normalization form C first.</param>
/// <param name="Splitter">Cuts text into pieces.</param>
/// <param name="AddedTokens">Tokens found in the text itself.</param>
/// <param name="PromptPrefix">Ids that stand before a raw prompt (the beginning-of-text token), or none.</param>
internal sealed record TokenizerDefinition(
    Dictionary<string, int> Vocabulary,
    IReadOnlyList<string> Merges,
    bool IgnoreMerges,
    bool ComposeNfc,
    IPieceSplitter Splitter,
    IReadOnlyList<AddedToken> AddedTokens,
    IReadOnlyList<int> PromptPrefix)
{
    /// <summary>Larger ids than any real vocabulary has: a damaged file must not make us allocate for them.</summary>
    public const int MaxId = (1 << 22) - 1;
}
