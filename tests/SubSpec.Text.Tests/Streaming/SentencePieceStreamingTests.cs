using System.Text;
using SubSpec.Core.Text;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Streaming;

/// <summary>Streaming with byte tokens and SentencePiece's leading space.</summary>
public class SentencePieceStreamingTests
{
    private readonly HuggingFaceTokenizer _tokenizer = SentencePieceFixture.Load("llama2");

    [Theory]
    [InlineData("llama2")]
    [InlineData("metaspaceAlways")]
    [InlineData("gemma")]
    public void The_pieces_of_random_tokens_join_to_the_decoded_whole(string variant)
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Load(variant);
        var random = new Random(51);
        for (int round = 0; round < 500; round++)
        {
            // Most byte tokens in a row are broken UTF-8; some of these ids have no text.
            int[] ids = [.. Enumerable.Range(0, random.Next(40)).Select(_ => random.Next(2) == 0 ? random.Next(259) : random.Next(1100))];
            List<string> pieces = Stream(tokenizer.CreateDetokenizer(), ids);

            Assert.Equal(tokenizer.Decode(ids), string.Concat(pieces));
            Assert.All(pieces, piece => Assert.Equal(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(piece))));
        }
    }

    [Fact]
    public void A_character_of_several_byte_tokens_comes_with_its_last_one()
    {
        IReadOnlyList<int> ids = _tokenizer.Encode("a😀", parseSpecial: false);

        Assert.Equal(["a", "", "", "", "😀", ""], Stream(_tokenizer.CreateDetokenizer(), ids));
        Assert.Equal(["a", "", "", "\uFFFDa", ""], Stream(_tokenizer.CreateDetokenizer(), [ids[0], ids[1], ids[2], IdOf("a")]));
    }

    [Fact]
    public void The_leading_space_is_text_only_after_a_text()
    {
        IReadOnlyList<int> ids = _tokenizer.Encode("the dog", parseSpecial: false);

        Assert.Equal("the dog", string.Concat(Stream(_tokenizer.CreateDetokenizer(), ids)));
        Assert.Equal(" the dog", string.Concat(Stream(_tokenizer.CreateDetokenizer(afterText: true), ids)));
        // Only one, only at the beginning, and not because of tokens that are not shown.
        Assert.Equal(" the", _tokenizer.Decode(_tokenizer.Encode(" the", parseSpecial: false)));
        Assert.Equal("the dog", _tokenizer.Decode([1, .. ids, 2]));
    }

    [Fact]
    public void A_prompt_and_its_continuation_join_as_they_would_in_one_text()
    {
        const string Text = "once upon a time there was  a dog, 日本 é.";
        IReadOnlyList<int> ids = _tokenizer.Encode(Text, parseSpecial: false);
        for (int cut = 1; cut < ids.Count; cut++)
        {
            string head = _tokenizer.Decode([.. ids.Take(cut)]);
            if (head.EndsWith('\uFFFD')) continue;
            Assert.Equal(Text, head + string.Concat(Stream(_tokenizer.CreateDetokenizer(afterText: true), [.. ids.Skip(cut)])));
        }
    }

    [Fact]
    public void After_a_flush_the_next_text_has_its_leading_space_again()
    {
        IDetokenizer detokenizer = _tokenizer.CreateDetokenizer();
        IReadOnlyList<int> ids = _tokenizer.Encode("the", parseSpecial: false);

        Assert.Equal(["the", ""], Stream(detokenizer, ids));
        Assert.Equal(["the", ""], Stream(detokenizer, ids));
    }

    private int IdOf(string token) => _tokenizer.Encode("x" + token, parseSpecial: false)[^1];

    private static List<string> Stream(IDetokenizer detokenizer, IReadOnlyList<int> ids) => [.. ids.Select(detokenizer.Append), detokenizer.Flush()];
}
