using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Normalization;

namespace SubSpec.Text.Files;

/// <summary>Builds what a tokenizer.json's <c>normalizer</c> describes.</summary>
internal static class NormalizerReader
{
    /// <exception cref="BadInputException">It is damaged, or uses something that is not supported.</exception>
    public static Func<string, string> Read(JsonFile file, JsonElement? normalizer)
    {
        if (normalizer is not { } value) return text => text;
        Func<string, string>[] steps = [.. file.Steps(value, "normalizers").Select(s => ReadStep(file, s))];
        return text => steps.Aggregate(text, (current, step) => step(current));
    }

    /// <summary>A Replace step, which normalizers and decoders write alike.</summary>
    public static Func<string, string> ReadReplace(JsonFile file, JsonElement step)
    {
        if (JsonFile.Text(file.Require(step, "pattern", JsonValueKind.Object), "String") is not { } pattern) throw file.Unsupported("Replace with anything but a String pattern");
        if (pattern.Length == 0) throw file.Damaged("the pattern of a Replace is empty");
        string content = file.Require(step, "content", JsonValueKind.String).GetString()!;
        return text => text.Replace(pattern, content, StringComparison.Ordinal);
    }

    private static Func<string, string> ReadStep(JsonFile file, JsonElement step)
    {
        string type = JsonFile.Type(step);
        switch (type)
        {
            case "NFC":
                return Nfc.Normalize;
            case "Prepend":
                string prefix = file.Require(step, "prepend", JsonValueKind.String).GetString()!;
                return text => text.Length == 0 ? text : prefix + text;
            case "Replace":
                return ReadReplace(file, step);
            default:
                throw file.Unsupported($"normalizer '{type}'");
        }
    }
}
