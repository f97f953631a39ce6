using System.Text.Json;
using SubSpec.Text.Templates;
using SubSpec.Text.Templates.Values;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Templates;

/// <summary>Renderings against another implementation of Jinja for chat templates.</summary>
public class ReferenceRenderingTests
{
    private static readonly JsonElement Vectors = Fixture.Json("template-vectors.json");
    private static readonly FixedClock Clock = new(new DateTimeOffset(2025, 2, 3, 12, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData("Qwen-Qwen2.5-7B-Instruct.jinja", 20)]
    [InlineData("deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja", 20)]
    [InlineData("meta-llama-Llama-3.1-8B-Instruct.jinja", 20)]
    [InlineData("meta-llama-Llama-3.2-3B-Instruct.jinja", 20)]
    [InlineData("demo", 8)]
    public void A_chat_template_writes_what_the_reference_writes(string name, int count)
    {
        JsonElement[] chats = [.. Vectors.GetProperty("chats").EnumerateArray().Where(c => c.GetProperty("template").GetString() == name)];
        var template = ChatTemplate.Parse(Source(name));

        Assert.Equal(count, chats.Length);
        Assert.All(chats, chat => Assert.Equal(chat.GetProperty("expected").GetString(), template.Render(Variables(chat), Clock).Text));
    }

    [Fact]
    public void Every_construct_means_what_it_means_to_the_reference() =>
        Assert.All(Vectors.GetProperty("snippets").EnumerateArray(), snippet =>
            Assert.Equal(snippet.GetProperty("expected").GetString(), ChatTemplate.Parse(snippet.GetProperty("source").GetString()!).Render(Variables(snippet), Clock).Text));

    private static string Source(string name) => name == "demo"
        ? Fixture.Parse(File.ReadAllText(Path.Combine(Repository.DemoModel, "tokenizer_config.json"))).GetProperty("chat_template").GetString()!
        : Fixture.Text(Path.Combine("chat_templates", name));

    private static IEnumerable<KeyValuePair<string, object?>> Variables(JsonElement vector) =>
        vector.GetProperty("variables").EnumerateObject().Select(v => new KeyValuePair<string, object?>(v.Name, JsonText.Read(v.Value)));
}
