using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using SubSpec.Server.Http.Observing;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Observing;

public class ObserverTests
{
    private const string Ask = """ "messages": [{"role": "user", "content": "Hi"}] """;

    [Fact]
    public async Task Every_request_is_told_once_with_what_became_of_it()
    {
        var seen = new Seen();
        await using RunningService service = await StartAsync(FakeModel.Saying("Hello", " you"), seen);
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Chat, $$"""{ {{Ask}}, "n": 2, "stream": true}""");
        await response.Content.ReadAsStringAsync();
        await Loading.ModelHostTests.UntilAsync(() => !seen.Records.IsEmpty);

        RequestRecord record = seen.Records.Single();
        Assert.Equal(("chat.completions", "demo", true, 200, null), (record.Api, record.Model, record.Streamed, record.Status, record.ErrorCode));
        Assert.Equal(response.Headers.GetValues("x-request-id").Single(), record.RequestId);
        Assert.Equal((2, 4), (record.Results.Length, record.CompletionTokens));
        Assert.Equal(record.Results[0].PromptTokens, record.PromptTokens);
        Assert.InRange(record.FirstTokenSeconds!.Value, 0, record.Seconds);
    }

    [Fact]
    public async Task A_refused_request_is_told_with_its_error()
    {
        var seen = new Seen();
        await using RunningService service = await StartAsync(FakeModel.Saying("Hello"), seen);
        await service.Api.ErrorAsync(HttpStatusCode.BadRequest, ApiClient.Completions, """{"prompt": "a", "colour": 1}""");
        RequestRecord record = seen.Records.Single();
        Assert.Equal(("completions", 400, "unknown_parameter", null, 0), (record.Api, record.Status, record.ErrorCode, record.FirstTokenSeconds, record.Results.Length));
    }

    [Fact]
    public async Task A_request_whose_client_went_away_is_told_as_such()
    {
        var seen = new Seen();
        var started = new TaskCompletionSource();
        await using RunningService service = await StartAsync(new FakeModel((_, cancel) => UntilCancelledAsync(cancel)), seen);
        using var leave = new CancellationTokenSource();
        Task<HttpResponseMessage> sending = service.Api.Http.SendAsync(ApiClient.Post(ApiClient.Chat, $$"""{ {{Ask}} }"""), leave.Token);
        await started.Task;
        await leave.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending);
        await Loading.ModelHostTests.UntilAsync(() => !seen.Records.IsEmpty);
        Assert.Equal(499, seen.Records.Single().Status);

        async IAsyncEnumerable<string> UntilCancelledAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
        {
            var never = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = cancel.Register(() => never.TrySetCanceled(cancel));
            started.SetResult();
            await never.Task;
            yield return "never";
        }
    }

    private static Task<RunningService> StartAsync(FakeModel model, Seen seen) => TestServices.StartAsync(model, configure: s => s.AddSingleton<IRequestObserver>(seen));

    private sealed class Seen : IRequestObserver
    {
        public ConcurrentQueue<RequestRecord> Records { get; } = [];

        public void Finished(RequestRecord record) => Records.Enqueue(record);
    }
}
