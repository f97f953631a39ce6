using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>The public test vectors of Qwen2 and Llama 3, whose ids come from the reference implementations.</summary>
public class VectorTests
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    [SharedDataFact("tokenizers/qwen2")]
    public void Vocab_and_merges_give_the_ids_of_every_vector()
    {
        string source = Path.Combine(Repository.SharedData, "tokenizers", "qwen2");
        using TemporaryFolder folder = new TemporaryFolder()
            .WithLink("vocab.json", Path.Combine(source, "vocab.json"))
            .WithLink("merges.txt", Path.Combine(source, "merges.txt"))
            .With("config.json", """{"model_type": "qwen2"}""");

        AssertVectors("qwen2", HuggingFaceTokenizer.Load(folder.Path));
    }

    [SharedDataFact("tokenizers/qwen2.5")]
    public void Tokenizer_json_gives_the_ids_of_every_vector() =>
        AssertVectors("qwen2", HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "qwen2.5")));

    [SharedDataFact("tokenizers/llama3")]
    public void A_tiktoken_model_gives_the_ids_of_every_vector() =>
        AssertVectors("llama-bpe", HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "llama3")));

    private static void AssertVectors(string name, HuggingFaceTokenizer tokenizer)
    {
        string files = Path.Combine(Repository.Fixtures, "vectors", $"ggml-vocab-{name}.gguf");
        // The file ends with a separator, so the last part is no vector.
        string[] inputs = File.ReadAllText(files + ".inp").Split(Separator)[..^1];
        int[][] expected = [.. File.ReadAllLines(files + ".out").Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())];

        Assert.Equal(inputs.Length, expected.Length);
        Assert.InRange(inputs.Length, 40, 60);
        Assert.All(inputs.Zip(expected), vector =>
        {
            Assert.Equal(vector.Second, tokenizer.Encode(vector.First, parseSpecial: false));
            Assert.Equal(vector.First, tokenizer.Decode(vector.Second));
        });
    }
}
