using System.Text.Json.Nodes;
using SubSpec.Text.Tests.Support;

namespace SubSpec.Text.Tests.Vocabulary;

public class SpecialTokenTests
{
    private const int EndOfText = 4093, Start = 4094, End = 4095;
    private readonly HuggingFaceTokenizer _tokenizer = DemoTokenizer.Load();

    [Fact]
    public void They_are_parsed_only_on_request()
    {
        const string Text = "<|im_start|>user\nhi<|im_end|>";

        Assert.Equal(Start, _tokenizer.Encode(Text, parseSpecial: true)[0]);
        Assert.Equal(End, _tokenizer.Encode(Text, parseSpecial: true)[^1]);
        Assert.DoesNotContain(_tokenizer.Encode(Text, parseSpecial: false), id => id >= EndOfText);
        Assert.Equal(Text, _tokenizer.Decode(_tokenizer.Encode(Text, parseSpecial: false)));
    }

    [Fact]
    public void They_are_left_out_of_text_unless_kept()
    {
        int[] ids = [Start, .. _tokenizer.Encode("hi", parseSpecial: false), End];

        Assert.Equal("hi", _tokenizer.Decode(ids));
        Assert.Equal("<|im_start|>hi<|im_end|>", _tokenizer.Decode(ids, keepSpecial: true));
    }

    [Fact]
    public void Ids_without_text_decode_to_nothing()
    {
        Assert.Equal(4096, _tokenizer.VocabularySize);
        Assert.Equal("", _tokenizer.Decode([-1, 4096, int.MaxValue, int.MinValue]));
    }

    [Fact]
    public void The_longest_of_several_added_tokens_wins_and_its_strip_settings_hold()
    {
        using TemporaryFolder folder = DemoTokenizer.With(json =>
        {
            JsonArray added = json["added_tokens"]!.AsArray();
            added.Add(JsonNode.Parse("""{"id": 4100, "content": "<x>", "special": false}"""));
            added.Add(JsonNode.Parse("""{"id": 4101, "content": "<x><y>", "special": false, "lstrip": true, "rstrip": true}"""));
            added.Add(JsonNode.Parse("""{"id": 4102, "content": "word", "special": false, "single_word": true}"""));
        });
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);

        // White space that a token swallowed is not encoded; added tokens that are not special are always read.
        Assert.Equal([4100, 4101, 4100], tokenizer.Encode("<x> \n <x><y>  <x>", parseSpecial: false));
        Assert.Equal([4102], tokenizer.Encode("word", parseSpecial: false));
        Assert.DoesNotContain(4102, tokenizer.Encode("words sword", parseSpecial: false));
        Assert.Equal(4103, tokenizer.VocabularySize);
    }

    [Fact]
    public void A_raw_prompt_begins_with_the_token_that_the_post_processor_asks_for()
    {
        using TemporaryFolder folder = DemoTokenizer.With(json => json["post_processor"] = JsonNode.Parse("""
            {"type": "Sequence", "processors": [{"type": "ByteLevel"}, {"type": "TemplateProcessing",
             "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}], "pair": [],
             "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [4093], "tokens": ["<|endoftext|>"]}}}]}
            """));
        HuggingFaceTokenizer tokenizer = HuggingFaceTokenizer.Load(folder.Path);
        IReadOnlyList<int> plain = _tokenizer.Encode("hi", parseSpecial: false);

        Assert.Equal(plain, tokenizer.Encode("hi", parseSpecial: false));
        Assert.Equal([EndOfText, .. plain], tokenizer.EncodePrompt("hi"));
        Assert.Equal([EndOfText, .. plain], tokenizer.EncodePrompt("<|endoftext|>hi"));
        Assert.Equal(plain, _tokenizer.EncodePrompt("hi"));
    }

    [Fact]
    public void A_piece_that_is_a_token_ignores_the_merges_where_the_model_says_so()
    {
        // A token that no merge can build: only ignore_merges reaches it.
        static void AddOrphan(JsonObject json) => json["model"]!["vocab"]!["qqq"] = 4200;
        using TemporaryFolder merging = DemoTokenizer.With(AddOrphan);
        using TemporaryFolder ignoring = DemoTokenizer.With(json =>
        {
            AddOrphan(json);
            json["model"]!["ignore_merges"] = true;
        });

        Assert.DoesNotContain(4200, HuggingFaceTokenizer.Load(merging.Path).Encode("qqq", parseSpecial: false));
        Assert.Equal([4200], HuggingFaceTokenizer.Load(ignoring.Path).Encode("qqq", parseSpecial: false));
    }

    [Fact]
    public void Merges_may_be_written_as_pairs()
    {
        using TemporaryFolder folder = DemoTokenizer.With(json =>
        {
            JsonNode model = json["model"]!;
            model["merges"] = new JsonArray([.. model["merges"]!.AsArray().Select(m => new JsonArray([.. m!.GetValue<string>().Split(' ').Select(p => JsonValue.Create(p))]))]);
        });
        const string Text = "Once upon a time there was a dog.";

        Assert.Equal(_tokenizer.Encode(Text, parseSpecial: false), HuggingFaceTokenizer.Load(folder.Path).Encode(Text, parseSpecial: false));
    }
}
