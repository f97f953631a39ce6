using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SubSpec.Server.Http.Streaming;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Streaming;

public class EventStreamTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}], "stream": true}""";

    [Fact]
    public void Silence_never_lasts_ten_seconds() => Assert.True(EventStream.KeepAlive < TimeSpan.FromSeconds(10));

    [Fact]
    public async Task While_the_model_says_nothing_the_stream_says_that_it_lives()
    {
        var time = new FakeTimeProvider();
        (var waiting, var say) = (new TaskCompletionSource(), new TaskCompletionSource());
        var model = new FakeModel((_, _) => SlowAsync());
        await using RunningService service = await TestServices.StartAsync(model, configure: s => s.AddSingleton<TimeProvider>(time));
        Task<HttpResponseMessage> sending = service.Api.Http.SendAsync(ApiClient.Post(ApiClient.Chat, Body), HttpCompletionOption.ResponseHeadersRead);
        await waiting.Task;

        // Before the first token the first ping begins the answer; the timer is set by whoever waits, so time goes on until it comes.
        while (!sending.IsCompleted)
        {
            time.Advance(EventStream.KeepAlive);
            await Task.Yield();
        }
        using HttpResponseMessage response = await sending;
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Equal(": ping", await reader.ReadLineAsync());
        say.SetResult();
        string rest = await reader.ReadToEndAsync();
        Assert.Contains("\"content\":\"Hello\"", rest, StringComparison.Ordinal);
        Assert.EndsWith("data: [DONE]\n\n", rest, StringComparison.Ordinal);

        async IAsyncEnumerable<string> SlowAsync()
        {
            waiting.SetResult();
            await say.Task;
            yield return "Hello";
        }
    }

    [Fact]
    public async Task An_answer_that_breaks_off_ends_its_stream_with_an_error_and_without_the_end_mark()
    {
        var model = new FakeModel((_, _) => BrokenAsync());
        await using RunningService service = await TestServices.StartAsync(model);
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Chat, Body);
        string[] events = (await response.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        JsonElement error = JsonDocument.Parse(events[^1]["data: ".Length..]).RootElement.GetProperty("error");
        Assert.Equal(("server_error", "engine_failed"), (error.GetProperty("type").GetString(), error.Code()));
        Assert.DoesNotContain("data: [DONE]", events);
    }

    [Fact]
    public async Task An_engine_that_fails_before_the_first_token_is_an_error_with_a_status()
    {
        var model = new FakeModel((_, _) => throw new SubSpec.Actors.Client.EngineFailedException("the link broke"));
        await using RunningService service = await TestServices.StartAsync(model);
        JsonElement error = await service.Api.ErrorAsync(HttpStatusCode.ServiceUnavailable, ApiClient.Chat, Body);
        Assert.Equal(("engine_failed", "the link broke"), (error.Code(), error.Message()));
    }

    [Fact]
    public async Task What_nobody_expected_is_an_error_that_tells_nothing_of_the_inside()
    {
        var model = new FakeModel((_, _) => throw new InvalidOperationException("secret"));
        await using RunningService service = await TestServices.StartAsync(model);
        JsonElement error = await service.Api.ErrorAsync(HttpStatusCode.InternalServerError, ApiClient.Chat, Body);
        Assert.Equal("internal_error", error.Code());
        Assert.DoesNotContain("secret", error.Message(), StringComparison.Ordinal);
    }

    private static async IAsyncEnumerable<string> BrokenAsync()
    {
        yield return "Hel";
        await Task.Yield();
        throw new SubSpec.Actors.Client.EngineFailedException("the link broke");
    }
}
