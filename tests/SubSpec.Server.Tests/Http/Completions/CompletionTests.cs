using System.Net;
using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Completions;

[Collection(nameof(ServerFixture))]
public class CompletionTests(ServerFixture server)
{
    private const string Prompt = "Once upon a time";

    [Fact]
    public async Task A_text_is_continued_in_the_shape_of_OpenAI()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Completions, $$"""{"prompt": "{{Prompt}}", "temperature": 0}""");
        Assert.Equal("text_completion", answer.GetProperty("object").GetString());
        Assert.StartsWith("cmpl-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal(("length", 16, 4), (answer.Finish(), answer.Usage("completion_tokens"), answer.Usage("prompt_tokens")));
        Assert.StartsWith(", there was a little", answer.Text(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_ids_are_a_prompt()
    {
        string ids = string.Join(", ", TestServices.Codec.EncodePrompt(Prompt));
        JsonElement text = await server.Api.OkAsync(ApiClient.Completions, $$"""{"prompt": "{{Prompt}}", "temperature": 0}""");
        JsonElement tokens = await server.Api.OkAsync(ApiClient.Completions, $$"""{"prompt": [{{ids}}], "temperature": 0}""");
        Assert.Equal((text.Text(), text.Usage("prompt_tokens")), (tokens.Text(), tokens.Usage("prompt_tokens")));
    }

    [Fact]
    public async Task Several_prompts_get_answers_in_their_order()
    {
        const string Two = """{"prompt": ["Once upon a time", "The dog"], "temperature": 1, "seed": 8, "n": 2}""";
        JsonElement both = await server.Api.OkAsync(ApiClient.Completions, Two);
        JsonElement second = await server.Api.OkAsync(ApiClient.Completions, """{"prompt": "The dog", "temperature": 1, "seed": 8, "n": 2}""");
        Assert.Equal(4, both.GetProperty("choices").GetArrayLength());
        Assert.Equal((second.Text(0), second.Text(1)), (both.Text(2), both.Text(3)));
        Assert.Equal(64, both.Usage("completion_tokens"));
    }

    [Fact]
    public async Task Several_prompts_of_token_ids_are_answered()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Completions, """{"prompt": [[5, 6, 7], [8, 9]], "temperature": 0, "max_tokens": 3}""");
        Assert.Equal((2, 5, 6), (answer.GetProperty("choices").GetArrayLength(), answer.Usage("prompt_tokens"), answer.Usage("completion_tokens")));
    }

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        const string Body = """ "prompt": ["Once upon a time", "The cat"], "temperature": 0, "max_tokens": 24 """;
        JsonElement whole = await server.Api.OkAsync(ApiClient.Completions, $$"""{ {{Body}} }""");
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Completions, $$"""{ {{Body}}, "stream": true, "stream_options": {"include_usage": true} }""");
        for (int i = 0; i < 2; i++) Assert.Equal((whole.Text(i), whole.Finish(i)), (chunks.PlainText(i), chunks.FinishReason(i)));
        Assert.Equal(whole.GetProperty("usage").GetProperty("total_tokens").GetInt32(), chunks[^1].Usage("total_tokens"));
    }

    [Fact]
    public async Task Log_probabilities_are_lists_with_offsets()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Completions, $$"""{"prompt": "{{Prompt}}", "temperature": 0, "max_tokens": 6, "logprobs": 3}""");
        JsonElement lists = answer.Choice().GetProperty("logprobs");
        string[] tokens = [.. lists.GetProperty("tokens").EnumerateArray().Select(t => t.GetString()!)];
        Assert.Equal(answer.Text(), string.Concat(tokens));
        Assert.Equal(6, lists.GetProperty("token_logprobs").GetArrayLength());
        Assert.All(lists.GetProperty("top_logprobs").EnumerateArray(), top => Assert.Equal(3, top.EnumerateObject().Count()));
        Assert.Equal(tokens.Select((_, i) => tokens[..i].Sum(t => t.Length)), lists.GetProperty("text_offset").EnumerateArray().Select(o => o.GetInt32()));
    }

    [Theory]
    [InlineData("""{}""", "prompt")]
    [InlineData("""{"prompt": ""}""", "prompt")]
    [InlineData("""{"prompt": []}""", "prompt")]
    [InlineData("""{"prompt": 5}""", "prompt")]
    [InlineData("""{"prompt": ["a", ""]}""", "prompt[1]")]
    [InlineData("""{"prompt": [5, "a"]}""", "prompt[1]")]
    [InlineData("""{"prompt": [5, -1]}""", "prompt[1]")]
    [InlineData("""{"prompt": [5, 4096]}""", "prompt")]
    [InlineData("""{"prompt": "a", "echo": true}""", "echo")]
    [InlineData("""{"prompt": "a", "best_of": 2}""", "best_of")]
    [InlineData("""{"prompt": "a", "suffix": "b"}""", "suffix")]
    [InlineData("""{"prompt": "a", "logprobs": 21}""", "logprobs")]
    [InlineData("""{"prompt": "a", "logprobs": true}""", "logprobs")]
    public async Task What_cannot_be_continued_is_refused_by_name(string body, string parameter)
    {
        JsonElement error = await server.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Completions, body);
        Assert.Equal(("invalid_request_error", parameter), (error.GetProperty("type").GetString(), error.Param()));
    }
}
