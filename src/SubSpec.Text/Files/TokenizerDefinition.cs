using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>What a folder's tokenizer files say, whichever files they are.</summary>
/// <param name="Vocabulary">Token to id, as the files write tokens.</param>
/// <param name="Encoder">Pieces to ids.</param>
/// <param name="Normalize">What is done to plain text before it is split.</param>
/// <param name="Splitter">Cuts text into pieces.</param>
/// <param name="Decoding">Tokens to bytes.</param>
/// <param name="AddedTokens">Tokens found in the text itself.</param>
/// <param name="PromptPrefix">Ids that stand before a raw prompt (the beginning-of-text token), or none.</param>
internal sealed record TokenizerDefinition(
    Dictionary<string, int> Vocabulary,
    IPieceEncoder Encoder,
    Func<string, string> Normalize,
    IPieceSplitter Splitter,
    TokenDecoding Decoding,
    IReadOnlyList<AddedToken> AddedTokens,
    IReadOnlyList<int> PromptPrefix)
{
    /// <summary>Larger ids than any real vocabulary has.</summary>
    public const int MaxId = (1 << 22) - 1;

    /// <summary>Longer tokens than any real vocabulary has; the work for a token can be quadratic in its length.</summary>
    public const int MaxTokenLength = 512;

    /// <summary>The id of an added token or of a token of the vocabulary, or null.</summary>
    public int? IdOf(string token) =>
        AddedTokens.FirstOrDefault(t => t.Content == token)?.Id ?? (Vocabulary.TryGetValue(token, out int id) ? id : null);
}
