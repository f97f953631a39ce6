using System.Text.Json;
using SubSpec.Actors.Engines;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Sessions;

/// <summary>Clients that go away, through the real engine.</summary>
[Collection(nameof(ServerFixture))]
public class CancelTests(ServerFixture server)
{
    private const string Endless = """ "messages": [{"role": "user", "content": "Tell me a story."}], "logit_bias": {"4093": -100, "4094": -100, "4095": -100} """;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public async Task A_stream_whose_reader_goes_away_ends_and_its_memory_is_free(int choices)
    {
        using var leave = new CancellationTokenSource();
        HttpRequestMessage request = ApiClient.Post(ApiClient.Chat, $$"""{ {{Endless}}, "stream": true, "n": {{choices}}}""");
        using (HttpResponseMessage response = await server.Api.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, leave.Token))
        {
            using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(leave.Token));
            Assert.StartsWith("data: ", await reader.ReadLineAsync(leave.Token), StringComparison.Ordinal);
            await leave.CancelAsync();
        }
        await AssertFreeAsync();
    }

    [Fact]
    public async Task A_whole_answer_whose_client_goes_away_is_given_up()
    {
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> sending = server.Api.Http.SendAsync(ApiClient.Post(ApiClient.Chat, $$"""{ {{Endless}} }"""), leave.Token);
        while ((await server.Host.GetLoadAsync(CancellationToken.None)).Running == 0) await Task.Yield();
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await AssertFreeAsync();
    }

    private async Task AssertFreeAsync()
    {
        EngineLoad load = await server.RestAsync();
        Assert.Equal((0, 0, 0), (load.Running, load.Waiting, load.KvCommitted));
        JsonElement next = await server.Api.OkAsync(ApiClient.Chat, """{"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 3}""");
        Assert.InRange(next.Usage("completion_tokens"), 1, 3);
    }
}
