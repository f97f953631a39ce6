using System.Text.Json;
using System.Text.RegularExpressions;
using SubSpec.Core;
using SubSpec.Text.Splitting;

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
        return new TokenizerDefinition(
            JsonFile.Read(vocabPath, file => VocabularyTable.Read(file, file.Root)),
            ReadMerges(mergesPath),
            IgnoreMerges: false,
            ComposeNfc: qwen,
            new RegexSplitter(new Regex(qwen ? KnownPatterns.Qwen2 : KnownPatterns.Gpt2, RegexSplitter.Options)),
            config.AddedTokens,
            config.PromptPrefix);
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

    private static List<string> ReadMerges(string path)
    {
        try
        {
            return [.. File.ReadLines(path).Where((line, i) => line.Length > 0 && !(i == 0 && line.StartsWith("#version", StringComparison.Ordinal)))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path} cannot be read ({e.Message}): download the file again", e);
        }
    }
}
