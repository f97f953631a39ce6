using System.Text.Json;
using SubSpec.Core;
using SubSpec.Text.Splitting;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>Builds what the <c>decoder</c> of a tokenizer.json without byte alphabet describes.</summary>
internal static class DecoderReader
{
    private const int MaxLeadingSpaces = 16;

    /// <exception cref="BadInputException">It is missing or damaged, or uses something that is not supported.</exception>
    public static TokenDecoding Read(JsonFile file, JsonElement? decoder)
    {
        if (decoder is not { } value) throw file.Unsupported("a tokenizer with neither ByteLevel pre-tokenizer nor decoder");
        var rewrites = new List<Func<string, string>>();
        bool byteFallback = false, fused = false;
        int leadingSpaces = 0;
        foreach (JsonElement step in file.Steps(value, "decoders"))
        {
            string type = JsonFile.Type(step);
            switch (type)
            {
                case "Replace":
                    rewrites.Add(NormalizerReader.ReadReplace(file, step));
                    break;
                case "ByteFallback":
                    byteFallback = true;
                    break;
                case "Fuse":
                    fused = true;
                    break;
                case "Strip" when fused:
                    leadingSpaces = ReadStrip(file, step);
                    break;
                case "Metaspace":
                    (string mark, PrependScheme scheme) = PreTokenizerReader.ReadMetaspace(file, step);
                    rewrites.Add(text => text.Replace(mark, " ", StringComparison.Ordinal));
                    leadingSpaces = scheme == PrependScheme.Never ? 0 : 1;
                    break;
                default:
                    throw file.Unsupported($"decoder '{type}' without ByteLevel pre-tokenizer");
            }
        }

        return TokenDecoding.Characters(token => rewrites.Aggregate(token, (text, rewrite) => rewrite(text)), byteFallback, leadingSpaces);
    }

    private static int ReadStrip(JsonFile file, JsonElement strip)
    {
        JsonElement start = file.Require(strip, "start", JsonValueKind.Number), stop = file.Require(strip, "stop", JsonValueKind.Number);
        return start.TryGetInt32(out int spaces) && spaces is >= 0 and <= MaxLeadingSpaces && stop.TryGetInt32(out int end) && end == 0 && JsonFile.Text(strip, "content") == " "
            ? spaces
            : throw file.Unsupported("a Strip decoder of anything but leading spaces");
    }
}
