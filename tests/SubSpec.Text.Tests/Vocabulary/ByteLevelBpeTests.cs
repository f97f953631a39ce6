using Microsoft.ML.Tokenizers;
using SubSpec.Text.Files;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>Byte-pair encoding of single pieces against Microsoft.ML.Tokenizers.</summary>
public class ByteLevelBpeTests
{
    private readonly TokenizerDefinition _demo = TokenizerJson.Read(Path.Combine(Repository.DemoModel, "tokenizer.json"));

    [Fact]
    public void Random_pieces_get_the_ids_of_another_implementation()
    {
        BpeTokenizer theirs = BpeTokenizer.Create(new BpeOptions(_demo.Vocabulary) { Merges = DemoTokenizer.Merges(), ByteLevel = true });
        string[] tokens = [.. _demo.Vocabulary.Keys.Where(k => k.All(char.IsAsciiLetter))];
        var random = new Random(21);
        for (int i = 0; i < 2000; i++)
        {
            string piece = random.Next(3) == 0
                ? RandomText.WellFormed(random, 40)
                : string.Concat(Enumerable.Range(0, random.Next(1, 8)).Select(_ => tokens[random.Next(tokens.Length)]));
            var ids = new List<int>();
            _demo.Encoder.Append(piece, ids);
            Assert.Equal(theirs.EncodeToIds(piece, considerPreTokenization: false), ids);
        }
    }

    [Fact]
    public void A_very_long_piece_is_encoded_whole()
    {
        HuggingFaceTokenizer tokenizer = DemoTokenizer.Load();
        var random = new Random(22);
        var chars = new char[1 << 18];
        for (int i = 0; i < chars.Length; i++) chars[i] = (char)('a' + random.Next(26));
        string piece = new(chars);

        Assert.Equal(piece, tokenizer.Decode(tokenizer.Encode(piece, parseSpecial: false)));
    }
}
