using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class ChatStreamTests(ServerFixture server)
{
    private const string Ask = """ "messages": [{"role": "user", "content": "Tell me a story about a dog."}], "temperature": 0.8, "seed": 5, "max_tokens": 40 """;

    [Fact]
    public async Task A_stream_says_what_the_whole_answer_says()
    {
        JsonElement whole = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true}""");

        Assert.Equal((whole.Content(), whole.Finish()), (chunks.ChatText(), chunks.FinishReason()));
        Assert.All(chunks, c => Assert.Equal("chat.completion.chunk", c.GetProperty("object").GetString()));
        Assert.Single(chunks.Select(c => c.GetProperty("id").GetString()).Distinct());
    }

    [Fact]
    public async Task A_stream_begins_with_the_role_and_comes_in_several_pieces()
    {
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true}""");
        Assert.Equal("assistant", chunks[0].Choice().GetProperty("delta").GetProperty("role").GetString());
        Assert.All(chunks[1..], c => Assert.False(c.Choice().GetProperty("delta").TryGetProperty("role", out _)));
        Assert.True(chunks.Length > 4, $"{chunks.Length} chunks");
    }

    [Fact]
    public async Task Usage_comes_last_and_without_choices_when_it_is_asked_for()
    {
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true, "stream_options": {"include_usage": true} }""");
        Assert.Equal(0, chunks[^1].GetProperty("choices").GetArrayLength());
        Assert.Equal(40, chunks[^1].Usage("completion_tokens"));
        Assert.All(chunks[..^1], c => Assert.False(c.TryGetProperty("usage", out _)));
    }

    [Fact]
    public async Task Without_asking_there_is_no_usage()
    {
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true}""");
        Assert.All(chunks, c => Assert.False(c.TryGetProperty("usage", out _)));
    }

    [Fact]
    public async Task The_last_chunk_of_a_choice_tells_timings_and_seed()
    {
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "stream": true}""");
        Assert.Equal(5, chunks[^1].GetProperty("seed").GetInt64());
        Assert.True(chunks[^1].GetProperty("timings").GetProperty("rounds").GetInt32() > 0);
    }

    [Fact]
    public async Task Stream_options_without_a_stream_are_refused()
    {
        JsonElement error = await server.Api.ErrorAsync(System.Net.HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Ask}}, "stream_options": {"include_usage": true} }""");
        Assert.Equal("stream_options", error.Param());
    }
}
