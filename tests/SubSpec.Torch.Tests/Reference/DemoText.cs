using System.Text.Json;
using System.Text.RegularExpressions;

namespace SubSpec.Torch.Tests.Reference;

/// <summary>Token ids of plain sentences whose words are all single tokens of the demo model's vocabulary.</summary>
internal static class DemoText
{
    public static int[] Encode(string text)
    {
        using JsonDocument tokenizer = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(DemoModel.Folder, "tokenizer.json")));
        JsonElement vocabulary = tokenizer.RootElement.GetProperty("model").GetProperty("vocab");
        // Byte-level BPE writes a leading space as U+0120.
        return [.. Regex.Matches(text, " ?[A-Za-z]+|[.,!?]").Select(word => vocabulary.GetProperty(word.Value.Replace(' ', 'Ġ')).GetInt32())];
    }
}
