using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Text.Files;

namespace SubSpec.Text.Tests.Support;

/// <summary>A small vocabulary in SentencePiece's style, as tokenizer.json and as tokenizer.model, with what another implementation makes of it.</summary>
internal static class SentencePieceFixture
{
    private static readonly JsonElement File = Fixture.Json("sentencepiece-vectors.json");

    public static JsonElement Unigram => File.GetProperty("unigram");

    public static JsonElement Variant(string name) => File.GetProperty("variants").GetProperty(name);

    public static int[] Ids(JsonElement vector) => [.. vector.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];

    public static JsonObject TokenizerJson(string variant)
    {
        JsonObject json = JsonObject.Create(File.GetProperty("tokenizer"))!.DeepClone().AsObject();
        foreach (JsonProperty change in Variant(variant).GetProperty("change").EnumerateObject())
        {
            JsonNode? value = JsonNode.Parse(change.Value.GetRawText());
            if (change.Name == "model") foreach ((string key, JsonNode? setting) in value!.AsObject()) json["model"]![key] = setting?.DeepClone();
            else json[change.Name] = value;
        }

        return json;
    }

    public static HuggingFaceTokenizer Load(string variant)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", TokenizerJson(variant).ToJsonString());
        return HuggingFaceTokenizer.Load(folder.Path);
    }

    /// <summary>The same vocabulary for a tokenizer.model: the scores are the order of the merges.</summary>
    public static SentencePieceBuilder Fill(SentencePieceBuilder builder)
    {
        int ranked = File.GetProperty("ranked").GetInt32(), rank = 0;
        builder.WithUsualBeginning();
        foreach (JsonProperty token in File.GetProperty("tokenizer").GetProperty("model").GetProperty("vocab").EnumerateObject().Skip(259))
            builder.With(token.Name, rank < ranked ? -rank++ : -ranked);
        return builder;
    }
}
