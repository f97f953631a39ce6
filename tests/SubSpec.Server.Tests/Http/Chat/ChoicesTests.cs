using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class ChoicesTests(ServerFixture server)
{
    private const string Ask = """ "messages": [{"role": "user", "content": "Tell me a story about a tree."}], "temperature": 1, "seed": 9, "max_tokens": 20 """;

    [Fact]
    public async Task Several_choices_differ_and_the_first_is_the_only_one_of_one()
    {
        JsonElement one = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        JsonElement three = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": 3}""");
        string[] texts = [.. Enumerable.Range(0, 3).Select(i => three.Content(i))];
        Assert.Equal(3, texts.Distinct().Count());
        Assert.Equal(one.Content(), texts[0]);
        Assert.Equal(3, three.GetProperty("choices").GetArrayLength());
    }

    [Fact]
    public async Task The_prompt_of_several_choices_counts_once()
    {
        JsonElement one = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        JsonElement three = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": 3}""");
        Assert.Equal((one.Usage("prompt_tokens"), 3 * one.Usage("completion_tokens")), (three.Usage("prompt_tokens"), three.Usage("completion_tokens")));
    }

    [Fact]
    public async Task More_choices_than_run_at_once_wait_for_each_other()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": {{ServerFixture.Sessions + 2}}}""");
        Assert.Equal(ServerFixture.Sessions + 2, Enumerable.Range(0, ServerFixture.Sessions + 2).Select(i => answer.Content(i)).Distinct().Count());
    }

    [Fact]
    public async Task Streamed_choices_are_those_of_the_whole_answer()
    {
        JsonElement whole = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": 2}""");
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": 2, "stream": true}""");
        for (int i = 0; i < 2; i++) Assert.Equal((whole.Content(i), whole.Finish(i)), (chunks.ChatText(i), chunks.FinishReason(i)));
        Assert.Single(chunks, c => c.TryGetProperty("timings", out _));
    }

    [Fact]
    public async Task More_than_fit_are_refused()
    {
        JsonElement error = await server.Api.ErrorAsync(System.Net.HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Ask}}, "n": {{ServerFixture.Sessions + ServerFixture.Queue + 1}}}""");
        Assert.Equal("n", error.Param());
    }
}
