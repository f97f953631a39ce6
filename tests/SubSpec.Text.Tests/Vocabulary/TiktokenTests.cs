using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML.Tokenizers;
using SubSpec.Core;
using SubSpec.Text.Splitting;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>Llama 3's <c>tokenizer.model</c>: tiktoken ranks.</summary>
public class TiktokenTests
{
    private const string ModelType = """{"model_type": "llama"}""";

    [SharedDataFact("tokenizers/llama3")]
    public void Llama3_has_its_published_special_tokens()
    {
        HuggingFaceTokenizer tokenizer = Llama3();

        Assert.Equal(128_256, tokenizer.VocabularySize);
        Assert.Equal(
            [128_000, 128_006, 882, 128_007, 128_009, 128_008, 128_010, 128_001, 128_255],
            tokenizer.Encode("<|begin_of_text|><|start_header_id|>user<|end_header_id|><|eot_id|><|eom_id|><|python_tag|><|end_of_text|><|reserved_special_token_247|>", parseSpecial: true));
        Assert.DoesNotContain(tokenizer.Encode("<|begin_of_text|><|eot_id|>", parseSpecial: false), id => id >= 128_000);
        Assert.Equal([128_000, .. tokenizer.Encode("hi", parseSpecial: false)], tokenizer.EncodePrompt("hi"));
        Assert.Equal([128_000, .. tokenizer.Encode("hi", parseSpecial: false)], tokenizer.EncodePrompt("<|begin_of_text|>hi"));
    }

    [SharedDataFact("tokenizers/llama3")]
    public void Llama3_agrees_with_another_implementation()
    {
        HuggingFaceTokenizer ours = Llama3();
        // The other one's pattern sees surrogates, not letters, beyond U+FFFF: such characters are left out.
        var theirs = TiktokenTokenizer.Create(
            Path.Combine(Repository.SharedData, "tokenizers", "llama3", "tokenizer.model"), new RegexPreTokenizer(new Regex(KnownPatterns.Llama3), null), null);
        var random = new Random(31);
        for (int i = 0; i < 300; i++)
        {
            string text = string.Concat(RandomText.WellFormed(random, 60).Where(c => !char.IsSurrogate(c)));
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text, parseSpecial: false));
        }
    }

    [Fact]
    public void Ranks_decide_which_pair_is_joined_and_a_whole_piece_is_its_token()
    {
        // bc before ab; abcd is reached by no merge of two tokens.
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.model", Ranks("bc", "ab", "abcd")).With("config.json", ModelType);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        Assert.Equal(['a', 256], tokenizer.Encode("abc", parseSpecial: false));
        Assert.Equal([257, 'x'], tokenizer.Encode("abx", parseSpecial: false));
        Assert.Equal([258], tokenizer.Encode("abcd", parseSpecial: false));
        Assert.Equal([258, 'x'], [.. tokenizer.Encode("abcd", parseSpecial: false), 'x']);
        Assert.Equal("abcd é", tokenizer.Decode(tokenizer.Encode("abcd é", parseSpecial: false)));
        Assert.Equal(259, tokenizer.Encode("<|begin_of_text|>", parseSpecial: true).Single());
    }

    [Fact]
    public void The_special_tokens_of_tokenizer_config_come_first()
    {
        const string Config = """{"bos_token": {"content": "<B>"}, "added_tokens_decoder": {"300": {"content": "<B>", "special": true}}}""";
        using TemporaryFolder folder = new TemporaryFolder()
            .With("tokenizer.model", Ranks()).With("config.json", ModelType).With("tokenizer_config.json", Config);
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        Assert.Equal([300, 'h'], tokenizer.EncodePrompt("h"));
        Assert.Equal(301, tokenizer.VocabularySize);
    }

    [Theory]
    [InlineData("IQ==")]
    [InlineData("IQ== x")]
    [InlineData("IQ== 1 2")]
    [InlineData("IQ== -1")]
    [InlineData("IQ== 99999999999")]
    [InlineData("!! 1")]
    [InlineData(" 1")]
    [InlineData("IQ== 1\nIQ== 2")]
    [InlineData("IQ== 1\nIg== 1")]
    [InlineData("IQ== 1")]
    public void Damaged_ranks_are_refused_by_name(string content)
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.model", content).With("config.json", ModelType);
        string message = Assert.Throws<BadInputException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message;
        Assert.Contains("tokenizer.model: ", message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Fact]
    public void Ranks_of_another_model_are_refused_because_nothing_says_how_to_split()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.model", Ranks());
        Assert.Contains("how text is split", Assert.Throws<BadInputException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_token_too_long_to_be_one_is_refused()
    {
        using TemporaryFolder folder = new TemporaryFolder().With("tokenizer.model", Ranks(new string('a', 513))).With("config.json", ModelType);
        Assert.Contains("512", Assert.Throws<BadInputException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message, StringComparison.Ordinal);
    }

    private static HuggingFaceTokenizer Llama3() => HuggingFaceTokenizer.Load(Path.Combine(Repository.SharedData, "tokenizers", "llama3"));

    /// <summary>All bytes, each its own rank, then these tokens.</summary>
    private static string Ranks(params string[] tokens) => string.Join(
        '\n', Enumerable.Range(0, 256).Select(b => new[] { (byte)b }).Concat(tokens.Select(Encoding.UTF8.GetBytes)).Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}"));
}
