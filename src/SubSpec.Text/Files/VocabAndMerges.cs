using System.Text;
using SubSpec.Core;
using SubSpec.Text.Normalization;
using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>
/// Reads <c>vocab.json</c> and <c>merges.txt</c>. They do not say how text is split, so the model's kind decides, as it does in the
/// transformers library's slow tokenizers.
/// </summary>
internal static class VocabAndMerges
{
    /// <exception cref="BadInputException">A file is damaged, or nothing says which kind of tokenizer it is.</exception>
    public static TokenizerDefinition Read(string vocabPath, string mergesPath, TokenizerConfig config, string? modelType)
    {
        bool qwen = KindOf(config, modelType, vocabPath) == "qwen";
        Dictionary<string, int> vocabulary = JsonFile.Read(vocabPath, file => VocabularyTable.Read(file, file.Root));
        var merges = MergeTable.OfPairs(vocabulary, ReadMerges(mergesPath), what => BadFile.Damaged(mergesPath, what));
        return new TokenizerDefinition(
            vocabulary,
            new ByteLevelBpe(vocabulary, merges, wholes: null, what => BadFile.Damaged(vocabPath, what)),
            qwen ? Nfc.Normalize : text => text,
            new RegexSplitter(RegexSplitter.Compile(qwen ? KnownPatterns.Qwen2 : KnownPatterns.Gpt2)),
            TokenDecoding.ByteLevel,
            config.AddedTokens,
            PromptPrefix: []);
    }

    private static string KindOf(TokenizerConfig config, string? modelType, string vocabPath)
    {
        foreach (string? name in new[] { config.TokenizerClass, modelType })
        {
            if (name is null) continue;
            if (name.StartsWith("qwen", StringComparison.OrdinalIgnoreCase)) return "qwen";
            if (name.StartsWith("gpt2", StringComparison.OrdinalIgnoreCase)) return "gpt2";
        }

        throw new BadInputException(
            $"{vocabPath}: vocab.json and merges.txt do not say how text is split, and neither tokenizer_class ('{config.TokenizerClass}') nor model_type ('{modelType}') names Qwen2 or GPT-2: add the model's tokenizer.json");
    }

    private static List<(string Left, string Right)> ReadMerges(string path)
    {
        var pairs = new List<(string Left, string Right)>();
        foreach (string line in Encoding.UTF8.GetString(BadFile.ReadBytes(path)).Split('\n').Select(l => l.TrimEnd('\r')))
        {
            if (line.Length == 0 || (pairs.Count == 0 && line.StartsWith("#version", StringComparison.Ordinal))) continue;
            string[] parts = line.Split(' ');
            pairs.Add(parts.Length == 2 ? (parts[0], parts[1]) : throw BadFile.Damaged(path, $"merge {pairs.Count + 1} ({line}) is not a pair of tokens"));
        }

        return pairs;
    }
}
