using System.Text.Json;
using System.Text.RegularExpressions;
using SubSpec.Core;
using SubSpec.Text.Splitting;

namespace SubSpec.Text.Files;

/// <summary>Builds the splitter that a tokenizer.json's <c>pre_tokenizer</c> describes.</summary>
internal static class PreTokenizerReader
{
    /// <exception cref="BadInputException">The pre-tokenizer is not byte-level, or uses something that is not supported.</exception>
    public static IPieceSplitter Read(JsonFile file, JsonElement? preTokenizer)
    {
        if (preTokenizer is not { } value) throw file.Unsupported("a tokenizer without pre-tokenizer");
        JsonElement[] steps = [.. Flatten(file, value)];
        if (!steps.Any(s => JsonFile.Text(s, "type") == "ByteLevel")) throw file.Unsupported("a pre-tokenizer without ByteLevel");
        return new SequenceSplitter([.. steps.SelectMany(s => ReadStep(file, s))]);
    }

    private static IEnumerable<JsonElement> Flatten(JsonFile file, JsonElement step) =>
        JsonFile.Text(step, "type") == "Sequence"
            ? file.Require(step, "pretokenizers", JsonValueKind.Array).EnumerateArray().SelectMany(s => Flatten(file, s))
            : [step];

    private static IEnumerable<IPieceSplitter> ReadStep(JsonFile file, JsonElement step)
    {
        string type = JsonFile.Text(step, "type") ?? "without type";
        switch (type)
        {
            case "ByteLevel":
                // Absent means true in the tokenizers library, for both settings.
                if (!IsFalse(step, "add_prefix_space")) yield return new PrefixSpace();
                if (!IsFalse(step, "use_regex")) yield return new RegexSplitter(new Regex(KnownPatterns.Gpt2, RegexSplitter.Options));
                break;
            case "Split":
                yield return ReadSplit(file, step);
                break;
            case "Digits":
                string digits = JsonFile.IsTrue(step, "individual_digits") ? @"\p{N}" : @"\p{N}+";
                yield return new RegexSplitter(new Regex(digits, RegexSplitter.Options));
                break;
            default:
                throw file.Unsupported($"pre-tokenizer '{type}'");
        }
    }

    private static RegexSplitter ReadSplit(JsonFile file, JsonElement step)
    {
        JsonElement pattern = file.Require(step, "pattern", JsonValueKind.Object);
        string source = JsonFile.Text(pattern, "Regex")
            ?? Regex.Escape(JsonFile.Text(pattern, "String") ?? throw file.Damaged("a Split has neither a Regex nor a String pattern"));
        string behavior = JsonFile.Text(step, "behavior") ?? "missing";
        bool invert = JsonFile.IsTrue(step, "invert");
        return behavior switch
        {
            "Isolated" => new RegexSplitter(Compile(file, source)),
            "Removed" => new RegexSplitter(Compile(file, source), keepMatches: invert, keepGaps: !invert),
            _ => throw file.Unsupported($"Split behavior '{behavior}'"),
        };
    }

    private static Regex Compile(JsonFile file, string source)
    {
        try
        {
            return new Regex(source, RegexSplitter.Options);
        }
        catch (ArgumentException e)
        {
            throw file.Unsupported($"Split pattern {source} ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    private static bool IsFalse(JsonElement step, string key) => JsonFile.Find(step, key) is { ValueKind: JsonValueKind.False };
}
