using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class StopTests(ServerFixture server)
{
    private static string Ask(string more) => $$"""{"messages": [{"role": "user", "content": "Tell me a story about a boat."}], "temperature": 0, "max_tokens": 60{{more}}}""";

    [Fact]
    public async Task A_stop_text_ends_the_answer_and_is_no_part_of_it()
    {
        string whole = (await server.Api.OkAsync(ApiClient.Chat, Ask(""))).Content();
        string stop = whole[20..24];
        JsonElement cut = await server.Api.OkAsync(ApiClient.Chat, Ask($", \"stop\": {JsonSerializer.Serialize(stop)}"));
        Assert.Equal((whole[..whole.IndexOf(stop, StringComparison.Ordinal)], "stop"), (cut.Content(), cut.Finish()));
    }

    [Fact]
    public async Task The_first_of_several_stop_texts_ends_the_answer()
    {
        string whole = (await server.Api.OkAsync(ApiClient.Chat, Ask(""))).Content();
        string early = whole[10..13], late = whole[40..44];
        JsonElement cut = await server.Api.OkAsync(ApiClient.Chat, Ask($", \"stop\": [{JsonSerializer.Serialize(late)}, {JsonSerializer.Serialize(early)}, \"never said\"]"));
        Assert.Equal(whole[..whole.IndexOf(early, StringComparison.Ordinal)], cut.Content());
    }

    [Fact]
    public async Task Nothing_of_a_stop_text_is_streamed()
    {
        string whole = (await server.Api.OkAsync(ApiClient.Chat, Ask(""))).Content();
        string stop = whole[20..29];
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, Ask($", \"stream\": true, \"stop\": {JsonSerializer.Serialize(stop)}"));
        Assert.Equal((whole[..whole.IndexOf(stop, StringComparison.Ordinal)], "stop"), (chunks.ChatText(), chunks.FinishReason()));
    }

    [Fact]
    public async Task An_answer_that_the_model_ends_itself_ends_by_stop()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, Ask(", \"logit_bias\": {\"4095\": 100}"));
        Assert.Equal(("stop", "", 1), (answer.Finish(), answer.Content(), answer.Usage("completion_tokens")));
    }

    [Fact]
    public async Task At_the_end_of_the_context_the_answer_ends_by_length()
    {
        string never = """, "logit_bias": {"4093": -100, "4094": -100, "4095": -100}""";
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, Ask(never).Replace("\"max_tokens\": 60", "\"max_tokens\": 100000", StringComparison.Ordinal));
        Assert.Equal(("length", server.Host.Limits.Context), (answer.Finish(), answer.Usage("total_tokens")));
    }
}
