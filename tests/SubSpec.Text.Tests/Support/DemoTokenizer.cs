using System.Text.Json.Nodes;

namespace SubSpec.Text.Tests.Support;

/// <summary>The demo model's tokenizer, as it is or with changes to its tokenizer.json.</summary>
internal static class DemoTokenizer
{
    public static HuggingFaceTokenizer Load() => HuggingFaceTokenizer.Load(Repository.DemoModel);

    /// <summary>A folder whose tokenizer.json has these members instead of the demo's.</summary>
    public static TemporaryFolder With(JsonObject change)
    {
        JsonObject json = Json();
        foreach ((string key, JsonNode? value) in change) json[key] = value?.DeepClone();
        return new TemporaryFolder().With("tokenizer.json", json.ToJsonString());
    }

    /// <summary>A folder whose tokenizer.json was changed by <paramref name="change"/>.</summary>
    public static TemporaryFolder With(Action<JsonObject> change)
    {
        JsonObject json = Json();
        change(json);
        return new TemporaryFolder().With("tokenizer.json", json.ToJsonString());
    }

    /// <summary>Tokens in the byte alphabet to ids.</summary>
    public static IReadOnlyDictionary<string, int> Vocabulary() => Json()["model"]!["vocab"]!.AsObject().ToDictionary(t => t.Key, t => t.Value!.GetValue<int>());

    /// <summary>Pairs <c>a b</c>, most important first.</summary>
    public static IReadOnlyList<string> Merges() => [.. Json()["model"]!["merges"]!.AsArray().Select(m => m!.GetValue<string>())];

    private static JsonObject Json() => JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.DemoModel, "tokenizer.json")))!.AsObject();
}
