using System.Net;
using System.Text.Json;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Generating;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Sessions;

public class QueueTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}]}""";

    [Fact]
    public async Task When_all_places_are_taken_more_are_refused_until_one_is_free_again()
    {
        var end = new TaskCompletionSource();
        var model = new FakeModel((_, _) => SlowAsync(end.Task));
        await using RunningService service = await TestServices.StartAsync(model, new ServeOptions { Queue = 1 }, sessions: 1);
        Task<JsonElement>[] taken = [service.Api.OkAsync(ApiClient.Chat, Body), service.Api.OkAsync(ApiClient.Chat, Body)];
        await Loading.ModelHostTests.UntilAsync(() => service.Get<RequestGate>().Taken == 2);

        using HttpResponseMessage refused = await service.Api.SendAsync(ApiClient.Chat, Body);
        JsonElement error = await ApiClient.ErrorOf(HttpStatusCode.TooManyRequests, refused);
        Assert.Equal(("rate_limit_error", "queue_full"), (error.GetProperty("type").GetString(), error.Code()));
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 120);

        end.SetResult();
        foreach (Task<JsonElement> answer in taken) await answer;
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
    }

    [Fact]
    public async Task Every_choice_takes_a_place()
    {
        var end = new TaskCompletionSource();
        var model = new FakeModel((_, _) => SlowAsync(end.Task));
        await using RunningService service = await TestServices.StartAsync(model, new ServeOptions { Queue = 2 }, sessions: 2);
        Task<JsonElement> three = service.Api.OkAsync(ApiClient.Chat, Body.Replace("]}", "], \"n\": 3}", StringComparison.Ordinal));
        await Loading.ModelHostTests.UntilAsync(() => service.Get<RequestGate>().Taken == 3);
        await service.Api.ErrorAsync(HttpStatusCode.TooManyRequests, ApiClient.Chat, Body.Replace("]}", "], \"n\": 2}", StringComparison.Ordinal));
        end.SetResult();
        await three;
        await Loading.ModelHostTests.UntilAsync(() => service.Get<RequestGate>().Taken == 0);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("""{"messages": []}""")]
    [InlineData("""{"messages": [{"role": "user", "content": "Hi"}], "model": "other"}""")]
    public async Task A_request_that_is_refused_gives_its_place_back(string body)
    {
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), new ServeOptions { Queue = 0 }, sessions: 1);
        for (int i = 0; i < 3; i++) (await service.Api.SendAsync(ApiClient.Chat, body)).Dispose();
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
    }

    private static async IAsyncEnumerable<string> SlowAsync(Task end)
    {
        await end;
        yield return "Hello";
    }
}
