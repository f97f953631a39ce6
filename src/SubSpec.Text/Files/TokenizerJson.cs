using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>Reads <c>tokenizer.json</c>, the file of the Hugging Face tokenizers library.</summary>
internal static class TokenizerJson
{
    /// <exception cref="BadInputException">The file is damaged, or holds something other than byte-level BPE.</exception>
    public static TokenizerDefinition Read(string path) => JsonFile.Read(path, Read);

    private static TokenizerDefinition Read(JsonFile file)
    {
        JsonElement model = file.Require(file.Root, "model", JsonValueKind.Object);
        CheckModel(file, model);
        return new TokenizerDefinition(
            VocabularyTable.Read(file, file.Require(model, "vocab", JsonValueKind.Object)),
            ReadMerges(file, file.Require(model, "merges", JsonValueKind.Array)),
            JsonFile.IsTrue(model, "ignore_merges"),
            ReadNormalizer(file, JsonFile.Find(file.Root, "normalizer")),
            PreTokenizerReader.Read(file, JsonFile.Find(file.Root, "pre_tokenizer")),
            ReadAddedTokens(file),
            PromptPrefixReader.Read(file, JsonFile.Find(file.Root, "post_processor")));
    }

    private static void CheckModel(JsonFile file, JsonElement model)
    {
        string type = JsonFile.Text(model, "type") ?? "BPE";
        if (type != "BPE") throw file.Unsupported($"tokenizer model '{type}'");
        if (JsonFile.IsTrue(model, "byte_fallback")) throw file.Unsupported("BPE with byte fallback (SentencePiece)");
        foreach (string key in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
        {
            if (!string.IsNullOrEmpty(JsonFile.Text(model, key))) throw file.Unsupported($"BPE with {key}");
        }

        if (JsonFile.Find(model, "dropout") is { ValueKind: JsonValueKind.Number } dropout && dropout.GetDouble() != 0)
            throw file.Unsupported("BPE with dropout");
    }

    /// <summary>Merges are written <c>"a b"</c> or, in newer files, <c>["a", "b"]</c>.</summary>
    private static List<string> ReadMerges(JsonFile file, JsonElement merges)
    {
        var pairs = new List<string>(merges.GetArrayLength());
        foreach (JsonElement merge in merges.EnumerateArray())
        {
            pairs.Add(merge.ValueKind switch
            {
                JsonValueKind.String => merge.GetString()!,
                JsonValueKind.Array when merge.GetArrayLength() == 2 && merge.EnumerateArray().All(p => p.ValueKind == JsonValueKind.String)
                    => $"{merge[0].GetString()} {merge[1].GetString()}",
                _ => throw file.Damaged($"merge {pairs.Count + 1} is not a pair of tokens"),
            });
        }

        return pairs;
    }

    private static bool ReadNormalizer(JsonFile file, JsonElement? normalizer)
    {
        if (normalizer is not { } value) return false;
        string type = JsonFile.Text(value, "type") ?? "without type";
        return type switch
        {
            "NFC" => true,
            "Sequence" => file.Require(value, "normalizers", JsonValueKind.Array).EnumerateArray().Aggregate(false, (any, n) => ReadNormalizer(file, n) || any),
            _ => throw file.Unsupported($"normalizer '{type}'"),
        };
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
