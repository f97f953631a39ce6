using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class ChatTests(ServerFixture server)
{
    private const string Story = """ "messages": [{"role": "user", "content": "Tell me a story about a cat."}], "temperature": 0 """;

    [Fact]
    public async Task A_conversation_is_answered_in_the_shape_of_OpenAI()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "max_tokens": 20}""");

        Assert.Equal("chat.completion", answer.GetProperty("object").GetString());
        Assert.StartsWith("chatcmpl-", answer.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal("demo", answer.GetProperty("model").GetString());
        Assert.Equal("assistant", answer.Choice().GetProperty("message").GetProperty("role").GetString());
        Assert.Equal(JsonValueKind.Null, answer.Choice().GetProperty("logprobs").ValueKind);
        Assert.Contains(' ', answer.Content());
    }

    [Fact]
    public async Task Usage_counts_the_tokens_of_prompt_and_answer()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "max_tokens": 20}""");
        int prompt = TestServices.Codec.EncodeChat([new("user", "Tell me a story about a cat.")], addGenerationPrompt: true).Count;

        Assert.Equal((prompt, 20, prompt + 20), (answer.Usage("prompt_tokens"), answer.Usage("completion_tokens"), answer.Usage("total_tokens")));
        Assert.InRange(answer.GetProperty("usage").GetProperty("prompt_tokens_details").GetProperty("cached_tokens").GetInt32(), 0, prompt - 1);
    }

    [Theory]
    [InlineData("max_tokens")]
    [InlineData("max_completion_tokens")]
    public async Task An_answer_that_reaches_its_limit_ends_by_length(string limit)
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "{{limit}}": 7}""");
        Assert.Equal(("length", 7), (answer.Finish(), answer.Usage("completion_tokens")));
    }

    [Fact]
    public async Task The_newer_limit_wins_over_the_older_one()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "max_completion_tokens": 3, "max_tokens": 9}""");
        Assert.Equal(3, answer.Usage("completion_tokens"));
    }

    [Fact]
    public async Task Parts_of_text_are_one_text()
    {
        JsonElement parts = await server.Api.OkAsync(
            ApiClient.Chat, """{"messages": [{"role": "user", "content": [{"type": "text", "text": "Tell me"}, {"type": "text", "text": "a story."}]}], "temperature": 0, "max_tokens": 8}""");
        JsonElement text = await server.Api.OkAsync(ApiClient.Chat, """{"messages": [{"role": "user", "content": "Tell me\na story."}], "temperature": 0, "max_tokens": 8}""");
        Assert.Equal((text.Content(), text.Usage("prompt_tokens")), (parts.Content(), parts.Usage("prompt_tokens")));
    }

    [Fact]
    public async Task A_developer_speaks_as_the_system()
    {
        const string Body = """{"messages": [{"role": "ROLE", "content": "You are kind."}, {"role": "user", "content": "Hi"}], "temperature": 0, "max_tokens": 8}""";
        JsonElement developer = await server.Api.OkAsync(ApiClient.Chat, Body.Replace("ROLE", "developer", StringComparison.Ordinal));
        JsonElement system = await server.Api.OkAsync(ApiClient.Chat, Body.Replace("ROLE", "system", StringComparison.Ordinal));
        Assert.Equal((system.Content(), system.Usage("prompt_tokens")), (developer.Content(), developer.Usage("prompt_tokens")));
    }

    [Fact]
    public async Task An_answer_can_be_sent_back_as_it_came()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "max_tokens": 12}""");
        string message = answer.Choice().GetProperty("message").GetRawText();
        JsonElement next = await server.Api.OkAsync(
            ApiClient.Chat, $$"""{"messages": [{"role": "user", "content": "Tell me a story about a cat."}, {{message}}, {"role": "user", "content": "Go on."}], "max_tokens": 4}""");
        Assert.True(next.Usage("prompt_tokens") > answer.Usage("total_tokens"));
    }

    [Fact]
    public async Task Timings_and_drafts_are_told()
    {
        JsonElement timings = (await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Story}}, "max_tokens": 60}""")).GetProperty("timings");
        Assert.True(timings.GetProperty("prefill_seconds").GetDouble() > 0);
        Assert.True(timings.GetProperty("decode_seconds").GetDouble() > 0);
        Assert.True(timings.GetProperty("queue_seconds").GetDouble() >= 0);
        Assert.True(timings.GetProperty("tokens_per_second").GetDouble() > 0);
        Assert.InRange(timings.GetProperty("rounds").GetInt32(), 1, 59);
        Assert.InRange(timings.GetProperty("draft_accepted").GetInt32(), 1, 59);
        Assert.Equal(timings.GetProperty("draft_accepted").GetDouble() / timings.GetProperty("rounds").GetInt32(), timings.GetProperty("tau").GetDouble(), 9);
    }
}
