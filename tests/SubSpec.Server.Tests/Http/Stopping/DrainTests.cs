using System.Text.Json;
using SubSpec.Core;
using SubSpec.Server.Http;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Stopping;

public class DrainTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}]}""";

    [Fact]
    public async Task A_request_that_is_under_way_ends_before_the_service_does()
    {
        (var started, var end) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using RunningService service = await TestServices.StartAsync(new FakeModel((_, _) => SlowAsync()), new ServeOptions { Drain = TimeSpan.FromMinutes(5) });
        Task<JsonElement> answer = service.Api.OkAsync(ApiClient.Chat, Body);
        await started.Task;

        Task stopping = service.StopAsync();
        await Assert.ThrowsAsync<HttpRequestException>(async () =>
        {
            using var other = new ApiClient(service.Api.Http.BaseAddress!);
            // The listening ends a little after the stop begins.
            while (true) await other.GetAsync("/health/live");
        });
        Assert.False(stopping.IsCompleted);
        end.SetResult();

        Assert.Equal("Hello", (await answer).Content());
        await stopping;

        async IAsyncEnumerable<string> SlowAsync()
        {
            started.SetResult();
            await end.Task;
            yield return "Hello";
        }
    }

    [Fact]
    public async Task At_the_deadline_it_is_cancelled()
    {
        (var started, var cancelled) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using RunningService service = await TestServices.StartAsync(new FakeModel((_, cancel) => ForeverAsync(cancel)), new ServeOptions { Drain = TimeSpan.Zero });
        Task<JsonElement> answer = service.Api.OkAsync(ApiClient.Chat, Body);
        await started.Task;

        await service.StopAsync();
        await cancelled.Task;
        await Assert.ThrowsAnyAsync<Exception>(() => answer);

        async IAsyncEnumerable<string> ForeverAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            var never = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = cancel.Register(() =>
            {
                cancelled.TrySetResult();
                never.TrySetCanceled(cancel);
            });
            started.SetResult();
            await never.Task;
            yield return "never";
        }
    }

    [Fact]
    public async Task An_address_that_is_taken_is_one_clear_error()
    {
        await using RunningService first = await TestServices.StartAsync(FakeModel.Saying("Hello"));
        string url = first.Api.Http.BaseAddress!.GetLeftPart(UriPartial.Authority);
        await using SubSpecService second = SubSpecService.Create(new ServeOptions { Urls = [url] }, TestServices.Demo, FakeModel.Saying("Hello"));
        string message = (await Assert.ThrowsAsync<BadInputException>(() => second.StartAsync(CancellationToken.None))).Message;
        Assert.Contains(url, message, StringComparison.Ordinal);
        Assert.Contains("--urls", message, StringComparison.Ordinal);
    }
}
