using System.Text.Json;
using Microsoft.ML.Tokenizers;
using SubSpec.Text.Files;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>SentencePiece's unigram models.</summary>
public class UnigramTests
{
    [Fact]
    public void Every_text_gets_the_ids_of_the_reference()
    {
        HuggingFaceTokenizer tokenizer = Pieces().Load();
        JsonElement[] vectors = [.. SentencePieceFixture.Unigram.GetProperty("vectors").EnumerateArray()];

        Assert.InRange(vectors.Length, 80, 130);
        Assert.All(vectors, v => Assert.Equal(SentencePieceFixture.Ids(v), tokenizer.Encode(v.GetProperty("text").GetString()!, parseSpecial: true)));
    }

    [Fact]
    public void Random_texts_get_the_ids_of_another_implementation()
    {
        SentencePieceBuilder builder = Pieces();
        HuggingFaceTokenizer ours = builder.Load();
        using var file = new MemoryStream(builder.Build());
        var theirs = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        var random = new Random(43);
        for (int i = 0; i < 500; i++)
        {
            string text = RandomText.Words(random, 30);
            Assert.Equal(theirs.EncodeToIds(text), ours.Encode(text, parseSpecial: false));
        }
    }

    [Fact]
    public void The_best_sum_wins_not_the_longest_piece()
    {
        HuggingFaceTokenizer tokenizer = new SentencePieceBuilder { ModelType = SentencePieceModel.UnigramType, AddDummyPrefix = false, BeginningId = -1 }.WithUsualBeginning()
            .With("a", -1).With("b", -1).With("ab", -3).With("bc", -1.5f).With("c", -4).With("cd", -9, SentencePieceModel.PieceType.UserDefined).With("d", -4).Load();

        Assert.Equal([259, 262], tokenizer.Encode("abc", parseSpecial: false));
        // A user-defined symbol counts as the best scores of all, whatever its own (-1 - 2.1 - 4 against -1.5 - 4 - 4).
        Assert.Equal([260, 264, 265], tokenizer.Encode("bcdd", parseSpecial: false));
        // Characters without token are bytes.
        Assert.Equal([259, 3 + 0xC3, 3 + 0xA9, 3 + 0xF0, 3 + 0x9F, 3 + 0x98, 3 + 0x80, 260], tokenizer.Encode("aé😀b", parseSpecial: false));
        Assert.Equal("aé😀b", tokenizer.Decode(tokenizer.Encode("aé😀b", parseSpecial: false)));
        Assert.Equal([259], tokenizer.EncodePrompt("a"));
    }

    private static SentencePieceBuilder Pieces()
    {
        var builder = new SentencePieceBuilder { ModelType = SentencePieceModel.UnigramType, ByteFallback = false };
        int id = 0;
        foreach (JsonElement piece in SentencePieceFixture.Unigram.GetProperty("pieces").EnumerateArray())
        {
            SentencePieceModel.PieceType type = id == 0 ? SentencePieceModel.PieceType.Unknown : id < 3 ? SentencePieceModel.PieceType.Control : SentencePieceModel.PieceType.Normal;
            builder.With(piece[0].GetString()!, piece[1].GetSingle(), type);
            id++;
        }

        return builder;
    }
}
