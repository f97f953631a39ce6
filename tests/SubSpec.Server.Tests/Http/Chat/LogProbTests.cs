using System.Text;
using System.Text.Json;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Chat;

[Collection(nameof(ServerFixture))]
public class LogProbTests(ServerFixture server)
{
    private const string Ask = """ "messages": [{"role": "user", "content": "Tell me a story about a fox."}], "temperature": 0, "max_tokens": 16, "logprobs": true """;

    [Fact]
    public async Task Each_token_has_its_log_probability_and_together_they_are_the_text()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}} }""");
        JsonElement[] tokens = [.. answer.Choice().GetProperty("logprobs").GetProperty("content").EnumerateArray()];
        Assert.Equal(16, tokens.Length);
        Assert.Equal(answer.Content(), Text(tokens));
        Assert.All(tokens, t => Assert.InRange(t.GetProperty("logprob").GetDouble(), -100, 0));
        Assert.All(tokens, t => Assert.Equal(0, t.GetProperty("top_logprobs").GetArrayLength()));
    }

    [Fact]
    public async Task The_most_probable_tokens_stand_in_order_with_the_greedy_choice_first()
    {
        JsonElement answer = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "top_logprobs": 5}""");
        foreach (JsonElement token in answer.Choice().GetProperty("logprobs").GetProperty("content").EnumerateArray())
        {
            JsonElement[] top = [.. token.GetProperty("top_logprobs").EnumerateArray()];
            double[] values = [.. top.Select(t => t.GetProperty("logprob").GetDouble())];
            Assert.Equal(5, top.Length);
            Assert.Equal(values.OrderDescending(), values);
            Assert.Equal((token.GetProperty("token").GetString(), token.GetProperty("logprob").GetDouble()), (top[0].GetProperty("token").GetString(), values[0]));
        }
    }

    [Fact]
    public async Task Streamed_log_probabilities_are_those_of_the_whole_answer()
    {
        JsonElement whole = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "top_logprobs": 2}""");
        JsonElement[] chunks = await server.Api.StreamAsync(ApiClient.Chat, $$"""{ {{Ask}}, "top_logprobs": 2, "stream": true}""");
        string[] streamed = [.. chunks.Select(c => c.Choice().GetProperty("logprobs")).Where(l => l.ValueKind == JsonValueKind.Object)
            .SelectMany(l => l.GetProperty("content").EnumerateArray()).Select(t => t.GetRawText())];
        Assert.Equal(whole.Choice().GetProperty("logprobs").GetProperty("content").EnumerateArray().Select(t => t.GetRawText()), streamed);
    }

    [Fact]
    public async Task Asking_for_them_changes_nothing_else()
    {
        JsonElement with = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask}}, "top_logprobs": 20}""");
        JsonElement without = await server.Api.OkAsync(ApiClient.Chat, $$"""{ {{Ask.Replace("true", "false", StringComparison.Ordinal)}} }""");
        Assert.Equal(without.Content(), with.Content());
    }

    [Fact]
    public async Task Top_ones_without_log_probabilities_are_refused()
    {
        JsonElement error = await server.Api.ErrorAsync(
            System.Net.HttpStatusCode.BadRequest, ApiClient.Chat, $$"""{ {{Ask.Replace("true", "false", StringComparison.Ordinal)}}, "top_logprobs": 2}""");
        Assert.Equal("top_logprobs", error.Param());
    }

    // Bytes, since a token may be a part of a character.
    private static string Text(IEnumerable<JsonElement> tokens) =>
        Encoding.UTF8.GetString([.. tokens.SelectMany(t => t.GetProperty("bytes").EnumerateArray()).Select(b => b.GetByte())]);
}
