using System.Text;
using SubSpec.Core.Text;
using SubSpec.Text.Tests.Support;
using SubSpec.Text.Vocabulary;

namespace SubSpec.Text.Tests.Streaming;

public class Utf8DetokenizerTests
{
    private readonly HuggingFaceTokenizer _tokenizer = DemoTokenizer.Load();
    private readonly IReadOnlyDictionary<string, int> _ids = DemoTokenizer.Vocabulary();

    [Fact]
    public void The_pieces_of_random_tokens_join_to_the_decoded_whole()
    {
        var random = new Random(5);
        for (int round = 0; round < 500; round++)
        {
            // Low ids are single bytes, so most of these are broken UTF-8.
            int[] ids = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.Next(2) == 0 ? random.Next(256) : random.Next(4100))];
            List<string> pieces = Stream(ids);

            Assert.Equal(_tokenizer.Decode(ids), string.Concat(pieces));
            Assert.All(pieces, AssertWholeCharacters);
        }
    }

    [Fact]
    public void The_whole_is_what_a_UTF8_decoder_makes_of_the_bytes()
    {
        var random = new Random(6);
        for (int round = 0; round < 500; round++)
        {
            var bytes = new byte[random.Next(40)];
            for (int i = 0; i < bytes.Length; i++) bytes[i] = (byte)(random.Next(2) == 0 ? random.Next(0x80, 0x100) : random.Next(256));

            Assert.Equal(Encoding.UTF8.GetString(bytes), string.Concat(Stream([.. bytes.Select(IdOfByte)])));
        }
    }

    [Fact]
    public void Text_streams_without_loss_one_character_at_a_time()
    {
        const string Text = "naïve 日本 👩‍👧 𝐀!";
        int[] ids = [.. _tokenizer.Encode(Text, parseSpecial: false)];
        List<string> pieces = Stream(ids);

        Assert.Equal(Text, string.Concat(pieces));
        Assert.Contains("", pieces);
        Assert.DoesNotContain(pieces, p => p.Contains('\uFFFD'));
    }

    [Fact]
    public void An_unfinished_character_is_replaced_at_the_end_and_then_forgotten()
    {
        IDetokenizer detokenizer = _tokenizer.CreateDetokenizer();

        Assert.Equal("", detokenizer.Append(IdOfByte(0xF0)));
        Assert.Equal("", detokenizer.Append(IdOfByte(0x9F)));
        Assert.Equal("\uFFFD", detokenizer.Flush());
        Assert.Equal("", detokenizer.Flush());
        Assert.Equal("a", detokenizer.Append(IdOfByte((byte)'a')));
    }

    [Fact]
    public void Special_tokens_are_not_shown()
    {
        IDetokenizer detokenizer = _tokenizer.CreateDetokenizer();

        Assert.Equal("", detokenizer.Append(4095));
        Assert.Equal("", detokenizer.Append(int.MaxValue));
    }

    private List<string> Stream(int[] ids)
    {
        IDetokenizer detokenizer = _tokenizer.CreateDetokenizer();
        return [.. ids.Select(detokenizer.Append), detokenizer.Flush()];
    }

    private int IdOfByte(byte b) => _ids[ByteAlphabet.Characters[b].ToString()];

    private static void AssertWholeCharacters(string piece) => Assert.Equal(piece, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(piece)));
}
