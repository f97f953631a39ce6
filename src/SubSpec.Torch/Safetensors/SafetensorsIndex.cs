using System.Text.Json;
using SubSpec.Core;

namespace SubSpec.Torch.Safetensors;

/// <summary>The index of a sharded checkpoint: which file of the same folder holds which tensor.</summary>
internal static class SafetensorsIndex
{
    public const string FileName = "model.safetensors.index.json";

    /// <summary>Tensor name to file name; the file names are proven to be plain.</summary>
    /// <exception cref="BadInputException">The index is not valid, or names a file outside its folder.</exception>
    public static Dictionary<string, string> Read(string path)
    {
        if (FileStamp.OfRegularFile(path) is null) throw Bad(path, "file", "not a regular file, or a link to nothing");
        try
        {
            using JsonDocument document = JsonDocument.Parse(SmallFile.Read(path, SafetensorsHeader.MaxHeaderBytes, "an index of shards"), new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 8 });
            return Map(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw Bad(path, "file", "no valid JSON, or a key that appears twice", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"{path}: cannot be read ({SafetensorsError.Printable(e.Message)}). Check the file and its permissions.", e);
        }
    }

    private static Dictionary<string, string> Map(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("weight_map", out JsonElement map) || map.ValueKind != JsonValueKind.Object)
            throw Bad(path, "weight_map", "an object is expected");
        var files = new Dictionary<string, string>();
        foreach (JsonProperty entry in map.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.String) throw Bad(path, Field(entry), "a file name is expected");
            string file = entry.Value.GetString()!;
            if (!IsPlain(file)) throw Bad(path, Field(entry), $"\"{SafetensorsError.Printable(file)}\" is no plain name of a .safetensors file in the same folder");
            if (files.Count == SafetensorsHeader.MaxTensors) throw Bad(path, "weight_map", $"more than {SafetensorsHeader.MaxTensors} tensors");
            files.Add(entry.Name, file);
        }
        return files;
    }

    private static bool IsPlain(string file) =>
        file.EndsWith(".safetensors", StringComparison.Ordinal) && !file.Contains("..", StringComparison.Ordinal)
        && !file.Any(c => c is '/' or '\\' or ':' || char.IsControl(c));

    private static string Field(JsonProperty entry) => SafetensorsError.Field("weight_map", entry.Name);

    private static BadInputException Bad(string path, string field, string what, Exception? inner = null) =>
        new($"{path}: {field}: {what}. Download the checkpoint again.", inner!);
}
