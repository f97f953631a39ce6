using System.Text;
using SubSpec.Text.Normalization;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

public class RoundTripTests
{
    private readonly HuggingFaceTokenizer _tokenizer = DemoTokenizer.Load();

    [Theory]
    [InlineData("Once upon a time, there was a little girl named Lily.")]
    [InlineData("Tell me a story about Max and a dog.")]
    [InlineData("  indented\n\n\ttabs\r\nand  double  spaces ")]
    [InlineData("👩‍👩‍👧‍👦 family, 🇩🇪 flag, ❤️‍🔥 and 𝐀 𐐨 𠀀")]
    [InlineData("日本語とالعربيةとहिन्दी")]
    [InlineData("")]
    public void A_text_survives_encoding_and_decoding(string text) =>
        Assert.Equal(text, _tokenizer.Decode(_tokenizer.Encode(text, parseSpecial: false)));

    [Fact]
    public void Any_well_formed_text_survives_up_to_its_normalization()
    {
        var random = new Random(1);
        for (int i = 0; i < 500; i++)
        {
            string text = RandomText.WellFormed(random, 80);
            Assert.Equal(Nfc.Normalize(text), _tokenizer.Decode(_tokenizer.Encode(text, parseSpecial: false)));
        }
    }

    [Fact]
    public void Lone_surrogates_become_replacement_characters()
    {
        Assert.Equal("a\uFFFDb", _tokenizer.Decode(_tokenizer.Encode("a\uD83Db", parseSpecial: true)));
        Assert.Equal("\uFFFD\uFFFD\U0001F600", _tokenizer.Decode(_tokenizer.Encode("\uDE00\uD83D\uD83D\uDE00", parseSpecial: true)));

        var random = new Random(2);
        for (int i = 0; i < 300; i++)
        {
            string text = RandomText.Any(random, 60);
            string utf8 = Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
            Assert.Equal(Nfc.Normalize(utf8), _tokenizer.Decode(_tokenizer.Encode(text, parseSpecial: false)));
        }
    }

    [Fact]
    public void One_tokenizer_serves_many_threads()
    {
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => RandomText.WellFormed(new Random(i % 50), 60))];
        IReadOnlyList<int>[] expected = [.. texts.Select(t => _tokenizer.Encode(t, parseSpecial: true))];
        var actual = new IReadOnlyList<int>[texts.Length];

        Parallel.For(0, texts.Length, new ParallelOptions { MaxDegreeOfParallelism = 8 }, i => actual[i] = _tokenizer.Encode(texts[i], parseSpecial: true));

        Assert.Equal(expected, actual);
    }
}
