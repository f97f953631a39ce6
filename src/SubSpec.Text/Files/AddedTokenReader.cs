using System.Text.Json;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Files;

/// <summary>An added token as tokenizer.json and tokenizer_config.json both write it.</summary>
internal static class AddedTokenReader
{
    public static AddedToken Read(JsonElement entry, string content, int id) => new(
        id,
        content,
        JsonFile.IsTrue(entry, "special"),
        JsonFile.IsTrue(entry, "lstrip"),
        JsonFile.IsTrue(entry, "rstrip"),
        JsonFile.IsTrue(entry, "single_word"));
}
