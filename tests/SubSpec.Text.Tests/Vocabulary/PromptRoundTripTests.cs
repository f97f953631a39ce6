using System.Text.Json;
using SubSpec.Text.Normalization;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>Every prompt of the public benchmark sets, there and back.</summary>
public class PromptRoundTripTests
{
    [SharedDataFact("prompts")]
    public void Every_prompt_survives_the_demo_vocabulary() => AssertRoundTrips(DemoTokenizer.Load());

    [SharedDataFact("prompts", "tokenizers/qwen2.5")]
    public void Every_prompt_survives_Qwen2() => AssertRoundTrips(HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "qwen2.5")));

    [SharedDataFact("prompts", "tokenizers/llama3")]
    public void Every_prompt_survives_Llama3() => AssertRoundTrips(HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "llama3")), composed: false);

    [SharedDataFact("prompts")]
    public void Every_prompt_survives_byte_fallback() => AssertRoundTrips(SentencePieceFixture.Load("llama2"), composed: false);

    private static void AssertRoundTrips(HuggingFaceTokenizer tokenizer, bool composed = true)
    {
        string[] texts = [.. Directory.EnumerateFiles(Path.Combine(Repository.SharedData, "prompts"), "*.jsonl", SearchOption.AllDirectories)
            .SelectMany(File.ReadLines).Where(l => l.Length > 0).SelectMany(l => Strings(Fixture.Parse(l)))];

        Assert.InRange(texts.Length, 2000, 20_000);
        Assert.All(texts, text => Assert.Equal(composed ? Nfc.Normalize(text) : text, tokenizer.Decode(tokenizer.Encode(text, parseSpecial: false))));
    }

    private static IEnumerable<string> Strings(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Strings),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(m => Strings(m.Value)),
        _ => [],
    };
}
