using System.Text.Json;
using Microsoft.ML.Tokenizers;
using SubSpec.Core;
using SubSpec.Text.Files;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

/// <summary>Vocabularies in SentencePiece's style, from <c>tokenizer.json</c> and from <c>tokenizer.model</c>.</summary>
public class SentencePieceTests
{
    [Theory]
    [InlineData("llama2")]
    [InlineData("metaspaceFirst")]
    [InlineData("metaspaceAlways")]
    [InlineData("gemma")]
    [InlineData("unknown")]
    public void Tokenizer_json_gives_the_ids_and_texts_of_the_reference(string variant)
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Load(variant);
        JsonElement reference = SentencePieceFixture.Variant(variant);
        JsonElement[] vectors = [.. reference.GetProperty("vectors").EnumerateArray()], decoded = [.. reference.GetProperty("decoded").EnumerateArray()];

        Assert.Equal((121, 60), (vectors.Length, decoded.Length));
        Assert.All(vectors, v => Assert.Equal(SentencePieceFixture.Ids(v), tokenizer.Encode(v.GetProperty("text").GetString()!, parseSpecial: true)));
        Assert.All(decoded, v => Assert.Equal(v.GetProperty("text").GetString(), tokenizer.Decode(SentencePieceFixture.Ids(v))));
    }

    [Theory]
    [InlineData("llama2", null, true, true)]
    [InlineData("metaspaceFirst", """{"legacy": false}""", true, true)]
    [InlineData("gemma", null, false, true)]
    [InlineData("gemma", """{"add_prefix_space": false}""", true, true)]
    [InlineData("unknown", null, true, false)]
    public void Tokenizer_model_gives_the_ids_of_the_reference(string variant, string? config, bool dummyPrefix, bool byteFallback)
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Fill(new SentencePieceBuilder { AddDummyPrefix = dummyPrefix, ByteFallback = byteFallback }).Load(config);

        Assert.All(SentencePieceFixture.Variant(variant).GetProperty("vectors").EnumerateArray(), v =>
            Assert.Equal(SentencePieceFixture.Ids(v), tokenizer.Encode(v.GetProperty("text").GetString()!, parseSpecial: true)));
    }

    [Fact]
    public void Tokenizer_model_agrees_with_another_implementation()
    {
        SentencePieceBuilder builder = SentencePieceFixture.Fill(new SentencePieceBuilder());
        HuggingFaceTokenizer ours = builder.Load();
        using var file = new MemoryStream(builder.Build());
        var theirs = SentencePieceTokenizer.Create(file, addBeginningOfSentence: false, addEndOfSentence: false);
        var random = new Random(41);
        for (int i = 0; i < 500; i++)
        {
            // The other one joins three spaces from the right; SentencePiece and the reference join the leftmost of equals.
            string text = string.Join(' ', (i % 2 == 0 ? RandomText.WellFormed(random, 60) : RandomText.Words(random, 30)).Split(' ', StringSplitOptions.RemoveEmptyEntries));
            IReadOnlyList<int> ids = ours.Encode(text, parseSpecial: false);
            Assert.Equal(theirs.EncodeToIds(text), ids);
            Assert.Equal(text.Replace('▁', ' '), ours.Decode(ids));
        }
    }

    [Fact]
    public void Control_tokens_and_bytes_are_never_read_from_plain_text()
    {
        // "<s" lies on a way of merges to "<s>", and "<0" to "<0x41>".
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Fill(new SentencePieceBuilder()).Load();
        HuggingFaceTokenizer tempted = Tempting(new SentencePieceBuilder()).Load();

        Assert.All([tokenizer, tempted], t =>
        {
            IReadOnlyList<int> ids = t.Encode("<s>a</s><unk>", parseSpecial: false);
            Assert.DoesNotContain(ids, id => id < 3);
            Assert.Equal("<s>a</s><unk>", t.Decode(ids));
            Assert.Equal([1, .. t.Encode("a", false), 2, 0], t.Encode("<s>a</s><unk>", parseSpecial: true));
            Assert.DoesNotContain(3 + 0x41, t.Encode("<0x41>", parseSpecial: true));
        });

        static SentencePieceBuilder Tempting(SentencePieceBuilder builder)
        {
            builder.WithUsualBeginning();
            foreach (string piece in new[] { "<s", "</s", "<u", "n", "k", "nk", "<unk", "<0", "x4", "<0x4", "1>", "<", ">", "/", "s", "a", "u", "0", "x", "4", "1", "▁" }) builder.With(piece, -1);
            return builder;
        }
    }

    [Fact]
    public void User_defined_symbols_come_before_merges_and_take_part_in_none()
    {
        HuggingFaceTokenizer tokenizer = new SentencePieceBuilder { AddDummyPrefix = false }.WithUsualBeginning()
            .With("a", 0).With("b", 0).With("ab", -1).With("▁", 0).With("ba", -2).With("▁▁", 0, SentencePieceModel.PieceType.UserDefined)
            .With("bab", 0, SentencePieceModel.PieceType.UserDefined).With("babb", -3).Load();

        Assert.Equal([261, 265], tokenizer.Encode("abbab", parseSpecial: false));
        Assert.Equal([259, 265, 260], tokenizer.Encode("ababb", parseSpecial: false));
        Assert.Equal([264, 262, 259], tokenizer.Encode("   a", parseSpecial: false));
        Assert.Equal("   abab", tokenizer.Decode([264, 262, 259, 265]));
    }

    [Fact]
    public void Extra_spaces_go_where_the_model_says_so()
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Fill(new SentencePieceBuilder { RemoveExtraWhitespaces = true }).Load();

        Assert.Equal(tokenizer.Encode("a b", parseSpecial: false), tokenizer.Encode("  a   b ", parseSpecial: false));
        Assert.Empty(tokenizer.Encode("   ", parseSpecial: false));
    }

    [Theory]
    [InlineData(null, new[] { 1 })]
    [InlineData("""{"add_bos_token": true}""", new[] { 1 })]
    [InlineData("""{"add_bos_token": true, "bos_token": "</s>"}""", new[] { 2 })]
    [InlineData("""{"add_bos_token": false, "bos_token": "<s>"}""", new int[0])]
    public void A_raw_prompt_begins_once_with_what_the_configuration_asks_for(string? config, int[] prefix)
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Fill(new SentencePieceBuilder()).Load(config);
        IReadOnlyList<int> plain = tokenizer.Encode("hi", parseSpecial: false);

        Assert.Equal([.. prefix, .. plain], tokenizer.EncodePrompt("hi"));
        if (prefix is [1]) Assert.Equal([1, .. plain], tokenizer.EncodePrompt("<s>hi"));
    }

    [Fact]
    public void A_long_text_without_a_cut_is_encoded_in_no_time()
    {
        HuggingFaceTokenizer tokenizer = SentencePieceFixture.Load("llama2");
        string text = string.Concat(Enumerable.Repeat("once upon a time the dog said hello and then ", 5000));
        var clock = System.Diagnostics.Stopwatch.StartNew();

        Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text, parseSpecial: false)));
        // Quadratic work would take minutes.
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void What_is_not_supported_is_named()
    {
        Assert.Contains("model_type 3", Refusal(Usual(new() { ModelType = 3 })), StringComparison.Ordinal);
        Assert.Contains("'identity'", Refusal(Usual(new() { CharacterMap = [1, 2, 3] })), StringComparison.Ordinal);
        Assert.Contains("suffix", Refusal(Usual(new() { WhitespaceAsSuffix = true })), StringComparison.Ordinal);
        Assert.Contains("escape", Refusal(Usual(new() { EscapeWhitespaces = false })), StringComparison.Ordinal);
        Assert.Contains("unused", Refusal(Usual(new()).With("x", 0, SentencePieceModel.PieceType.Unused)), StringComparison.Ordinal);
        Assert.Contains("twice", Refusal(Usual(new()).With("<s>", 0)), StringComparison.Ordinal);
        Assert.Contains("type 9", Refusal(Usual(new()).With("x", 0, (SentencePieceModel.PieceType)9)), StringComparison.Ordinal);
        Assert.Contains("score", Refusal(Usual(new()).With("x", float.NaN)), StringComparison.Ordinal);
        Assert.Contains("512", Refusal(Usual(new()).With(new string('x', 513), 0)), StringComparison.Ordinal);
        Assert.Contains("bytes", Refusal(Usual(new()).With("", 0)), StringComparison.Ordinal);

        static SentencePieceBuilder Usual(SentencePieceBuilder builder) => builder.WithUsualBeginning();
        static string Refusal(SentencePieceBuilder builder) => Assert.Throws<BadInputException>(() => builder.Load()).Message;
    }
}
