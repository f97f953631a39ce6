using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using SubSpec.Core;
using SubSpec.Core.Text;
using SubSpec.Text.Files;
using SubSpec.Text.Tests.Support;
using SubSpec.Text.Vocabulary;
using Xunit.Abstractions;

namespace SubSpec.Text.Tests.Files;

/// <summary>
/// Damaged tokenizer files: each is refused with the one exception, which names it, or gives a tokenizer that keeps its promises.
/// <c>SUBSPEC_FUZZ_CASES</c> raises the number of cases.
/// </summary>
public class TokenizerFileFuzzTests(ITestOutputHelper output)
{
    private const int MostAllocated = 1 << 20;

    private const string Text = "ab  a▁b é😀 <s>x</s> aab\n'll 123";

    private const string CharacterJson = """
        {"added_tokens": [{"id": 0, "content": "<unk>", "special": true}, {"id": 1, "content": "<s>", "special": true, "lstrip": true}, {"id": 9, "content": "x", "special": false}],
         "normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "▁"}, {"type": "Replace", "pattern": {"String": " "}, "content": "▁"}, {"type": "NFC"}]},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Metaspace", "replacement": "▁", "prepend_scheme": "first", "split": true}, {"type": "Digits", "individual_digits": true},
           {"type": "Split", "pattern": {"Regex": "\\s+|a+b?"}, "behavior": "MergedWithPrevious", "invert": false}]},
         "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "special_tokens": {"<s>": {"id": "<s>", "ids": [1]}}},
         "decoder": {"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
         "model": {"type": "BPE", "dropout": null, "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": true, "ignore_merges": false,
           "vocab": {"<unk>": 0, "<s>": 1, "▁": 2, "a": 3, "b": 4, "ab": 5, "▁ab": 6, "<0xC3>": 7, "<0xA9>": 8, "aa": 10}, "merges": ["a b", "▁ ab", "a a"]}}
        """;

    private static readonly byte[] SentencePiece = new SentencePieceBuilder { RemoveExtraWhitespaces = true }.WithUsualBeginning()
        .With("a", -3).With("b", -4).With("ab", -1).With("▁", -5).With("▁ab", -2).With("aa", -2).With("x", 0, SentencePieceModel.PieceType.UserDefined).Build();

    private static readonly byte[] Ranks = Encoding.UTF8.GetBytes(string.Join(
        '\n', Enumerable.Range(0, 256).Select(b => new[] { (byte)b }).Append("ab"u8.ToArray()).Append(" ab"u8.ToArray()).Select((token, rank) => $"{Convert.ToBase64String(token)} {rank}")));

    [Theory]
    [InlineData("characters", "tokenizer.json")]
    [InlineData("bytes", "tokenizer.json")]
    [InlineData("sentencepiece", "tokenizer.model")]
    [InlineData("tiktoken", "tokenizer.model")]
    public void Damaged_files_are_refused_by_name_or_make_a_sound_tokenizer(string kind, string name)
    {
        byte[] file = kind switch
        {
            "characters" => Encoding.UTF8.GetBytes(CharacterJson),
            "bytes" => ByteLevelJson(),
            "sentencepiece" => SentencePiece,
            _ => Ranks,
        };
        using TemporaryFolder folder = new TemporaryFolder().With("config.json", """{"model_type": "llama"}""");
        int accepted = 0, refused = 0;
        long most = 0;
        AssertSound(HuggingFaceTokenizer.Load(folder.With(name, file).Path));

        Prop.ForAll(Mutations.Arbitrary, steps =>
        {
            folder.With(name, Mutations.Apply(file, steps));
            long before = GC.GetAllocatedBytesForCurrentThread();
            HuggingFaceTokenizer? tokenizer = LoadOrRefuse(folder.Path, name);
            most = Math.Max(most, GC.GetAllocatedBytesForCurrentThread() - before);
            if (tokenizer is null) refused++;
            else accepted++;
            if (tokenizer is not null) AssertSound(tokenizer);
        }).Check(Mutations.Cases(1500));

        output.WriteLine($"{accepted} accepted, {refused} refused; at most {most} bytes allocated for about {file.Length} of the file");
        Assert.InRange(most, file.Length, MostAllocated);
        // Both ways must really be taken, or the damage has gone blind.
        Assert.True(accepted > (accepted + refused) / 100 && refused > (accepted + refused) / 10, $"accepted {accepted}, refused {refused}");
    }

    private static HuggingFaceTokenizer? LoadOrRefuse(string folder, string name)
    {
        try
        {
            return HuggingFaceTokenizer.Load(folder);
        }
        catch (BadInputException e)
        {
            Assert.StartsWith(Path.Combine(folder, name), e.Message, StringComparison.Ordinal);
            Assert.DoesNotContain(e.Message, char.IsControl);
            return null;
        }
    }

    private static void AssertSound(HuggingFaceTokenizer tokenizer)
    {
        foreach (IReadOnlyList<int> ids in new[] { tokenizer.EncodePrompt(Text), tokenizer.Encode(Text, parseSpecial: false), [.. Enumerable.Range(-1, 300)] })
        {
            IDetokenizer detokenizer = tokenizer.CreateDetokenizer();
            string streamed = string.Concat(ids.Select(detokenizer.Append)) + detokenizer.Flush();
            Assert.Equal(tokenizer.Decode(ids), streamed);
            Assert.Equal(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(streamed)), streamed);
        }
    }

    /// <summary>The byte alphabet and two merges; half of it is a note that nothing reads, so that some of the damage does no harm.</summary>
    private static byte[] ByteLevelJson()
    {
        IEnumerable<string> tokens = ByteAlphabet.Characters.Select(c => c.ToString()).Concat(["ab", "Ġab"]);
        string vocab = string.Join(", ", tokens.Select((token, id) => $"{JsonSerializer.Serialize(token)}: {id}"));
        return Encoding.UTF8.GetBytes($$"""
            {"model": {"type": "BPE", "merges": [["a", "b"], ["Ġ", "ab"]], "vocab": { {{vocab}} }, "ignore_merges": true}, "normalizer": {"type": "NFC"},
             "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "'ll| ?\\p{L}+|\\s+(?!\\S)|\\s+"}, "behavior": "Isolated"}, {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]},
             "note": "{{new string('n', 4000)}}", "decoder": {"type": "ByteLevel"}, "post_processor": {"type": "ByteLevel"}, "added_tokens": [{"id": 300, "content": "<s>", "special": true}, {"id": 301, "content": "x"}]}
            """);
    }
}
