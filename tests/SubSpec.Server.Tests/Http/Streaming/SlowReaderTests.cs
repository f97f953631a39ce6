using System.Text.Json;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Streaming;

public class SlowReaderTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}], "stream": true}""";

    /// <summary>Far more than the sockets between client and server hold.</summary>
    private const int Pieces = 4000;
    private static readonly string Piece = new('x', 4096);

    [Fact]
    public async Task A_reader_that_does_not_read_holds_neither_the_engine_nor_a_place_and_gets_everything_in_the_end()
    {
        var model = new FakeModel((_, _) => Enumerable.Repeat(Piece, Pieces).ToAsyncEnumerable());
        // One place in all: while it is taken, everybody else is refused.
        await using RunningService service = await TestServices.StartAsync(model, new ServeOptions { Queue = 0 }, sessions: 1);
        using HttpResponseMessage slow = await service.Api.Http.SendAsync(ApiClient.Post(ApiClient.Chat, Body), HttpCompletionOption.ResponseHeadersRead);
        await Loading.ModelHostTests.UntilAsync(() => service.Get<RequestGate>().Taken == 0);

        JsonElement other = await service.Api.OkAsync(ApiClient.Chat, Body.Replace("true", "false", StringComparison.Ordinal));
        Assert.Equal(Pieces, other.Usage("completion_tokens"));

        string all = await slow.Content.ReadAsStringAsync();
        Assert.Equal(Pieces, all.Split(Piece).Length - 1);
        Assert.EndsWith("data: [DONE]\n\n", all, StringComparison.Ordinal);
    }
}
