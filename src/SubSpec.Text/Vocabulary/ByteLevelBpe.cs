using Microsoft.ML.Tokenizers;
using SubSpec.Core;

namespace SubSpec.Text.Vocabulary;

/// <summary>Byte-level byte-pair encoding of one pre-split piece of text at a time.</summary>
internal sealed class ByteLevelBpe
{
    private readonly Dictionary<string, int> _vocabulary;
    private readonly BpeTokenizer _bpe;
    private readonly bool _ignoreMerges;

    /// <param name="vocabulary">Tokens in the byte alphabet.</param>
    /// <param name="merges">Pairs <c>a b</c>, most important first.</param>
    /// <param name="ignoreMerges">A piece that is itself a token becomes that token, whatever the merges say (Llama 3).</param>
    /// <exception cref="BadInputException">A byte has no token, or a merge names a token that does not exist.</exception>
    public ByteLevelBpe(Dictionary<string, int> vocabulary, IReadOnlyList<string> merges, bool ignoreMerges)
    {
        RequireEveryByte(vocabulary);
        RequireMergedTokens(vocabulary, merges);
        _vocabulary = vocabulary;
        _ignoreMerges = ignoreMerges;
        // Without a pre-tokenizer of its own it would fall back to a default one, so every call turns that off: pieces come ready.
        _bpe = BpeTokenizer.Create(new BpeOptions(vocabulary) { Merges = merges, ByteLevel = true });
    }

    /// <summary>Appends the ids of one piece.</summary>
    public void Append(string piece, List<int> ids)
    {
        if (_ignoreMerges && _vocabulary.TryGetValue(ByteAlphabet.Encode(piece), out int whole))
        {
            ids.Add(whole);
            return;
        }

        ids.AddRange(_bpe.EncodeToIds(piece, considerPreTokenization: false));
    }

    private static void RequireEveryByte(Dictionary<string, int> vocabulary)
    {
        foreach (char symbol in ByteAlphabet.Characters)
        {
            if (!vocabulary.ContainsKey(symbol.ToString()))
                throw new BadInputException($"the vocabulary has no token for byte symbol '{symbol}': it is damaged, or not byte-level BPE, which is what is supported");
        }
    }

    private static void RequireMergedTokens(Dictionary<string, int> vocabulary, IReadOnlyList<string> merges)
    {
        for (int i = 0; i < merges.Count; i++)
        {
            string[] pair = merges[i].Split(' ');
            if (pair.Length != 2 || !vocabulary.ContainsKey(pair[0]) || !vocabulary.ContainsKey(pair[1]) || !vocabulary.ContainsKey(pair[0] + pair[1]))
                throw new BadInputException($"merge {i + 1} ('{merges[i]}') does not join two tokens of the vocabulary into a third: the tokenizer files are damaged or do not belong together");
        }
    }
}
