using System.Text.Json;
using System.Text.RegularExpressions;
using SubSpec.Core;
using SubSpec.Text.Splitting;

namespace SubSpec.Text.Files;

/// <summary>Builds the splitter that a tokenizer.json's <c>pre_tokenizer</c> describes.</summary>
internal static class PreTokenizerReader
{
    /// <summary>Whether tokens are written in the byte alphabet.</summary>
    public static bool IsByteLevel(JsonFile file, JsonElement? preTokenizer) => Steps(file, preTokenizer).Any(s => JsonFile.Type(s) == "ByteLevel");

    /// <exception cref="BadInputException">The pre-tokenizer is damaged, or uses something that is not supported.</exception>
    public static IPieceSplitter Read(JsonFile file, JsonElement? preTokenizer) =>
        new SequenceSplitter([.. Steps(file, preTokenizer).SelectMany(s => ReadStep(file, s))]);

    /// <summary>The mark and the scheme of a Metaspace, pre-tokenizer or decoder.</summary>
    public static (string Mark, PrependScheme Scheme) ReadMetaspace(JsonFile file, JsonElement step)
    {
        string mark = JsonFile.Text(step, "replacement") ?? "▁";
        if (mark.Length == 0) throw file.Damaged("the replacement of a Metaspace is empty");
        // Older files say add_prefix_space instead, and mean true where they say nothing.
        string scheme = JsonFile.Text(step, "prepend_scheme") ?? (IsFalse(step, "add_prefix_space") ? "never" : "always");
        return (mark, scheme switch
        {
            "always" => PrependScheme.Always,
            "first" => PrependScheme.First,
            "never" => PrependScheme.Never,
            _ => throw file.Unsupported($"prepend_scheme '{scheme}'"),
        });
    }

    private static IEnumerable<JsonElement> Steps(JsonFile file, JsonElement? preTokenizer) =>
        preTokenizer is { } value ? file.Steps(value, "pretokenizers") : [];

    private static IEnumerable<IPieceSplitter> ReadStep(JsonFile file, JsonElement step)
    {
        string type = JsonFile.Type(step);
        switch (type)
        {
            case "ByteLevel":
                // Absent means true in the tokenizers library, for both settings.
                if (!IsFalse(step, "add_prefix_space")) yield return new PrefixSpace();
                if (!IsFalse(step, "use_regex")) yield return new RegexSplitter(RegexSplitter.Compile(KnownPatterns.Gpt2));
                break;
            case "Split":
                yield return ReadSplit(file, step);
                break;
            case "Digits":
                yield return new RegexSplitter(RegexSplitter.Compile(JsonFile.IsTrue(step, "individual_digits") ? @"\p{N}" : @"\p{N}+"));
                break;
            case "Metaspace":
                (string mark, PrependScheme scheme) = ReadMetaspace(file, step);
                yield return new Metaspace(mark, scheme, split: !IsFalse(step, "split"));
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
        return Enum.TryParse(behavior, out SplitBehavior known) && Enum.GetName(known) == behavior
            ? new RegexSplitter(Compile(file, source), known, JsonFile.IsTrue(step, "invert"))
            : throw file.Unsupported($"Split behavior '{behavior}'");
    }

    private static Regex Compile(JsonFile file, string source)
    {
        try
        {
            return RegexSplitter.Compile(source);
        }
        catch (ArgumentException e)
        {
            throw file.Unsupported($"Split pattern {source} ({e.Message.ReplaceLineEndings(" ")})");
        }
    }

    private static bool IsFalse(JsonElement step, string key) => JsonFile.Find(step, key) is { ValueKind: JsonValueKind.False };
}
