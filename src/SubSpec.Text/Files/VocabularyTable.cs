using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Text.Files;

/// <summary>The object that maps tokens to ids, in tokenizer.json's <c>vocab</c> and in vocab.json.</summary>
internal static class VocabularyTable
{
    /// <exception cref="BadInputException">An id is no id, or two tokens share one.</exception>
    public static Dictionary<string, int> Read(JsonFile file, JsonElement table)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var ids = new HashSet<int>();
        foreach (JsonProperty entry in table.EnumerateObject())
        {
            int id = file.RequireId(entry.Value, entry.Name);
            if (!vocabulary.TryAdd(entry.Name, id)) throw file.Damaged($"token '{entry.Name}' is there twice");
            if (!ids.Add(id)) throw file.Damaged($"id {id} belongs to two tokens");
        }

        return vocabulary;
    }
}
