using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>The public Qwen2 test vectors, whose ids come from the reference implementation.</summary>
public class Qwen2VectorTests
{
    private const string Separator = "\n__ggml_vocab_test__\n";

    // The file ends with a separator, so the last part is no vector.
    private static string[] Inputs => File.ReadAllText(Path.Combine(Repository.Fixtures, "vectors", "ggml-vocab-qwen2.gguf.inp")).Split(Separator)[..^1];

    private static int[][] Expected =>
        [.. File.ReadAllLines(Path.Combine(Repository.Fixtures, "vectors", "ggml-vocab-qwen2.gguf.out"))
            .Select(l => l.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToArray())];

    [SharedDataFact("tokenizers/qwen2")]
    public void Vocab_and_merges_give_the_ids_of_every_vector()
    {
        string source = Path.Combine(Repository.SharedData, "tokenizers", "qwen2");
        using TemporaryFolder folder = new TemporaryFolder()
            .WithLink("vocab.json", Path.Combine(source, "vocab.json"))
            .WithLink("merges.txt", Path.Combine(source, "merges.txt"))
            .With("config.json", """{"model_type": "qwen2"}""");

        AssertVectors(HuggingFaceTokenizer.Load(folder.Path));
    }

    [SharedDataFact("tokenizers/qwen2.5")]
    public void Tokenizer_json_gives_the_ids_of_every_vector() =>
        AssertVectors(HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "qwen2.5")));

    private static void AssertVectors(HuggingFaceTokenizer tokenizer)
    {
        Assert.Equal(Inputs.Length, Expected.Length);
        Assert.NotEmpty(Inputs);
        Assert.All(Inputs.Zip(Expected), vector =>
        {
            Assert.Equal(vector.Second, tokenizer.Encode(vector.First, parseSpecial: false));
            Assert.Equal(vector.First, tokenizer.Decode(vector.Second));
        });
    }
}
