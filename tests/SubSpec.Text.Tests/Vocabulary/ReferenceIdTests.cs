using System.Text.Json;
using System.Text.Json.Nodes;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>Ids of the demo vocabulary under several pre-tokenizers, against another implementation.</summary>
public class ReferenceIdTests
{
    [Theory]
    [InlineData("demo")]
    [InlineData("llama3")]
    [InlineData("gpt2")]
    [InlineData("prefixSpace")]
    [InlineData("digits")]
    [InlineData("string")]
    public void Every_text_gets_the_ids_of_the_reference(string variant)
    {
        JsonElement reference = Fixture.Json("tokenizer-vectors.json").GetProperty(variant);
        using TemporaryFolder folder = DemoTokenizer.With(JsonNode.Parse(reference.GetProperty("change").GetRawText())!.AsObject());
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        Assert.All(reference.GetProperty("vectors").EnumerateArray(), vector =>
        {
            int[] expected = [.. vector.GetProperty("ids").EnumerateArray().Select(id => id.GetInt32())];
            Assert.Equal(expected, tokenizer.Encode(vector.GetProperty("text").GetString()!, parseSpecial: true));
        });
    }
}
