using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>Reads <c>tokenizer.json</c>, the file of the Hugging Face tokenizers library.</summary>
internal static class TokenizerJson
{
    /// <exception cref="BadInputException">The file is damaged, or holds something other than byte-pair encoding.</exception>
    public static TokenizerDefinition Read(string path) => JsonFile.Read(path, Read);

    private static TokenizerDefinition Read(JsonFile file)
    {
        JsonElement model = file.Require(file.Root, "model", JsonValueKind.Object);
        CheckModel(file, model);
        Dictionary<string, int> vocabulary = VocabularyTable.Read(file, file.Require(model, "vocab", JsonValueKind.Object));
        var merges = MergeTable.OfPairs(vocabulary, ReadMerges(file, file.Require(model, "merges", JsonValueKind.Array)), file.Damaged);
        List<AddedToken> added = ReadAddedTokens(file);
        Dictionary<string, int>? wholes = JsonFile.IsTrue(model, "ignore_merges") ? WithoutSpecial(vocabulary, added) : null;

        JsonElement? preTokenizer = JsonFile.Find(file.Root, "pre_tokenizer");
        bool byteLevel = PreTokenizerReader.IsByteLevel(file, preTokenizer);
        return new TokenizerDefinition(
            vocabulary,
            byteLevel
                ? new ByteLevelBpe(vocabulary, merges, wholes, file.Damaged)
                : new CharacterBpe(vocabulary, merges, ReadUnknown(file, model, vocabulary), wholes, new AddedTokenFinder([])),
            NormalizerReader.Read(file, JsonFile.Find(file.Root, "normalizer")),
            PreTokenizerReader.Read(file, preTokenizer),
            byteLevel ? TokenDecoding.ByteLevel : DecoderReader.Read(file, JsonFile.Find(file.Root, "decoder")),
            added,
            PromptPrefixReader.Read(file, JsonFile.Find(file.Root, "post_processor")));
    }

    private static void CheckModel(JsonFile file, JsonElement model)
    {
        string type = JsonFile.Text(model, "type") ?? "BPE";
        if (type != "BPE") throw file.Unsupported($"tokenizer model '{type}'");
        foreach (string key in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (!string.IsNullOrEmpty(JsonFile.Text(model, key))) throw file.Unsupported($"BPE with {key}");
        }

        if (JsonFile.Find(model, "dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() != 0)
            throw file.Unsupported("BPE with dropout");
    }

    /// <summary>Merges are written <c>"a b"</c> or, in newer files, <c>["a", "b"]</c>.</summary>
    private static List<(string Left, string Right)> ReadMerges(JsonFile file, JsonElement merges)
    {
        var pairs = new List<(string Left, string Right)>(merges.GetArrayLength());
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            string[] parts = merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!.Split(' ', 2),
                JsonValueKind.Array when merge.EnumerateArray().All(p => p.ValueKind == JsonValueKind.String) => [.. merge.EnumerateArray().Select(p => p.GetString()!)],
                _ => [],
            };
            pairs.Add(parts.Length == 2 ? (parts[0], parts[1]) : throw file.Damaged($"merge {pairs.Count + 1} ({merge}) is not a pair of tokens"));
        }

        return pairs;
    }

    private static UnknownCharacters ReadUnknown(JsonFile file, JsonElement model, Dictionary<string, int> vocabulary)
    {
        int? unknownId = null;
        if (JsonFile.Text(model, "unk_token") is { } unknown)
            unknownId = vocabulary.TryGetValue(unknown, out int id) ? id : throw file.Damaged($"unk_token '{unknown}' is not in the vocabulary");
        int[]? idOfByte = JsonFile.IsTrue(model, "byte_fallback") ? UnknownCharacters.FindBytes(vocabulary) : null;
        return new UnknownCharacters(idOfByte, unknownId, JsonFile.IsTrue(model, "fuse_unk"));
    }

    /// <summary>Tokens that a piece of plain text may become as a whole: a special token must never be read from it.</summary>
    private static Dictionary<string, int> WithoutSpecial(Dictionary<string, int> vocabulary, List<AddedToken> added)
    {
        HashSet<int> special = [.. added.Where(t => t.Special).Select(t => t.Id)];
        return vocabulary.Where(t => !special.Contains(t.Value)).ToDictionary(StringComparer.Ordinal);
    }

    private static List<AddedToken> ReadAddedTokens(JsonFile file)
    {
        var tokens = new List<AddedToken>();
        if (JsonFile.Find(file.Root, "added_tokens") is not { } list) return tokens;
        if (list.ValueKind != JsonValueKind.Array) throw file.Damaged("'added_tokens' is not a list");
        foreach (JsonElement entry in list.EnumerateArray())
        {
            string content = file.Require(entry, "content", JsonValueKind.String).GetString()!;
            tokens.Add(AddedTokenReader.Read(entry, content, file.RequireId(file.Require(entry, "id", JsonValueKind.Number), content)));
        }

        return tokens;
    }
}
