using System.Text.Json.Nodes;
using SubSpec.Core;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Files;

public class DamagedFolderTests
{
    [Fact]
    public void A_folder_that_does_not_exist_is_named()
    {
        string folder = Path.Combine(Path.GetTempPath(), "no", "such", "model");
        Assert.Contains(folder, Refusal(folder), StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_without_tokenizer_says_which_file_is_missing()
    {
        using var folder = new TemporaryFolder();
        Assert.Contains("tokenizer.json", Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"model": {}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": -1}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 1e99}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 2000000000}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 1, "b": 1}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"\ud800": 1}, "merges": []}}""")]
    [InlineData("""{"model": {"type": "BPE", "vocab": {"a": 1}, "merges": []}, "pre_tokenizer": {"type": "ByteLevel"}}""")]
    [InlineData("""{"model": {"type": "WordPiece", "vocab": {}}}""")]
    [InlineData("\0\0\0\0")]
    public void A_damaged_tokenizer_json_is_refused_in_one_line(string json)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", json);
        Assert.DoesNotContain('\n', Refusal(folder.Path));
    }

    [Theory]
    [InlineData("normalizer", """{"type": "Lowercase"}""", "Lowercase")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace"}""", "ByteLevel")]
    [InlineData("pre_tokenizer", "null", "pre-tokenizer")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Split", "pattern": {"Regex": "(("}, "behavior": "Isolated"}]}""", "((")]
    [InlineData("pre_tokenizer", """{"type": "Sequence", "pretokenizers": [{"type": "ByteLevel"}, {"type": "Split", "pattern": {"Regex": "a"}, "behavior": "Sideways"}]}""", "Sideways")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "prepend_scheme": "last"}""", "last")]
    [InlineData("pre_tokenizer", """{"type": "Metaspace", "replacement": ""}""", "replacement")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"Regex": " +"}, "content": " "}""", "Replace")]
    [InlineData("normalizer", """{"type": "Replace", "pattern": {"String": ""}, "content": " "}""", "Replace")]
    [InlineData("post_processor", """{"type": "BertProcessing"}""", "BertProcessing")]
    [InlineData("added_tokens", """[{"id": 5}]""", "content")]
    public void What_is_not_supported_is_named(string key, string value, string named)
    {
        using TemporaryFolder folder = DemoTokenizer.With(new JsonObject { [key] = JsonNode.Parse(value) });
        Assert.Contains(named, Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null", "decoder")]
    [InlineData("""{"type": "WordPiece"}""", "WordPiece")]
    [InlineData("""{"type": "Strip", "content": " ", "start": 1, "stop": 0}""", "Strip")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 0, "stop": 1}]}""", "Strip")]
    [InlineData("""{"type": "Sequence", "decoders": [{"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1e9, "stop": 0}]}""", "Strip")]
    [InlineData("""{"type": "Sequence", "decoders": 5}""", "decoders")]
    public void A_decoder_that_is_not_supported_is_named(string decoder, string named)
    {
        JsonObject json = SentencePieceFixture.TokenizerJson("llama2");
        json["decoder"] = JsonNode.Parse(decoder);
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", json.ToJsonString());
        Assert.Contains(named, Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_token_that_does_not_exist_is_refused()
    {
        JsonObject json = SentencePieceFixture.TokenizerJson("llama2");
        json["model"]!["unk_token"] = "<none>";
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", json.ToJsonString());
        Assert.Contains("<none>", Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_huge_id_in_a_small_file_costs_no_memory()
    {
        using TemporaryFolder folder = DemoTokenizer.With(json => json["added_tokens"]!.AsArray().Add(JsonNode.Parse("""{"id": 4194303, "content": "<far>"}""")));
        long before = GC.GetAllocatedBytesForCurrentThread();
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        Assert.Equal(4194304, tokenizer.VocabularySize);
        Assert.Equal("<far>", tokenizer.Decode([4194303, 4194302]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 20 << 20);
    }

    [Fact]
    public void What_is_wrong_is_quoted_in_one_short_line()
    {
        using TemporaryFolder folder = DemoTokenizer.With(json => json["model"]!["merges"]!.AsArray().Add("a\u001b[31m\n" + new string('b', 100_000)));
        string message = Refusal(folder.Path);
        Assert.DoesNotContain(message, char.IsControl);
        Assert.InRange(message.Length, 1, 1000);
    }

    [Theory]
    [InlineData("zzzz yyyy")]
    [InlineData("one")]
    [InlineData("a b c")]
    public void A_merge_of_unknown_tokens_is_refused(string merge)
    {
        using TemporaryFolder folder = DemoTokenizer.With(json => json["model"]!["merges"]!.AsArray().Add(merge));
        Assert.Contains(merge, Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Vocab_and_merges_without_a_known_kind_are_refused()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("vocab.json", "{}").With("merges.txt", "");
        Assert.Contains("tokenizer_class", Refusal(folder.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void A_tokenizer_json_cut_anywhere_is_refused()
    {
        string whole = File.ReadAllText(Path.Combine(Repository.DemoModel, "tokenizer.json"));
        var random = new Random(8);
        for (int i = 0; i < 20; i++)
        {
            using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.json", whole[..random.Next(whole.TrimEnd().Length - 1)]);
            Refusal(folder.Path);
        }
    }

    private static string Refusal(string folder) => Assert.Throws<BadInputException>(() => HuggingFaceTokenizer.Load(folder)).Message;
}
