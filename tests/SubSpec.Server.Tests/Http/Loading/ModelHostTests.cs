using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using SubSpec.Core;
using SubSpec.Server.Http;
using SubSpec.Server.Http.Loading;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Loading;

public class ModelHostTests
{
    private const string Body = """{"messages": [{"role": "user", "content": "Hi"}]}""";

    [Fact]
    public async Task While_the_model_is_loaded_the_service_says_how_far_it_is_and_refuses_for_a_while()
    {
        var gate = new TaskCompletionSource();
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable())
        {
            OnLoad = (progress, _) =>
            {
                progress!.Report(new LoadProgress(LoadStage.BuildingSubstitutes, 0.25, TimeSpan.FromSeconds(40)));
                return gate.Task;
            },
        };
        await using RunningService service = await TestServices.ListenAsync(model);
        await UntilAsync(() => service.Get<IModelHost>().Progress is not null);

        JsonElement health = await service.Api.GetAsync("/health", HttpStatusCode.ServiceUnavailable);
        Assert.Equal(("loading", true, false), (health.GetProperty("status").GetString(), health.GetProperty("live").GetBoolean(), health.GetProperty("ready").GetBoolean()));
        JsonElement loading = health.GetProperty("loading");
        Assert.Equal(("building_substitutes", 0.25, 40.0), (loading.GetProperty("stage").GetString(), loading.GetProperty("fraction").GetDouble(), loading.GetProperty("remaining_seconds").GetDouble()));
        await service.Api.GetAsync("/health/live");
        using HttpResponseMessage refused = await service.Api.SendAsync(ApiClient.Chat, Body);
        Assert.Equal("model_loading", (await ApiClient.ErrorOf(HttpStatusCode.ServiceUnavailable, refused)).Code());
        Assert.True(refused.Headers.RetryAfter?.Delta > TimeSpan.Zero);

        gate.SetResult();
        await service.Loaded;
        Assert.Equal("ready", (await service.Api.GetAsync("/health")).GetProperty("status").GetString());
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
    }

    [Fact]
    public async Task A_model_that_cannot_be_loaded_ends_the_start_in_its_error()
    {
        var model = new FakeModel((_, _) => AsyncEnumerable.Empty<string>()) { OnLoad = (_, _) => throw new BadInputException("the weights are gone") };
        await using RunningService service = await TestServices.ListenAsync(model);
        Assert.Equal("the weights are gone", (await Assert.ThrowsAsync<BadInputException>(() => service.Loaded)).Message);
        Assert.Equal("the weights are gone", (await service.Api.GetAsync("/health", HttpStatusCode.ServiceUnavailable)).GetProperty("error").GetString());
    }

    [Fact]
    public async Task After_a_while_without_requests_the_memory_is_given_back_and_the_next_request_loads_again()
    {
        var time = new FakeTimeProvider();
        FakeModel model = FakeModel.Saying("Hello");
        await using RunningService service = await StartIdleAsync(model, time);

        time.Advance(TimeSpan.FromMinutes(9));
        await service.Api.OkAsync(ApiClient.Chat, Body);
        time.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(ModelState.Ready, service.Get<IModelHost>().State);
        time.Advance(TimeSpan.FromMinutes(2));

        Assert.Equal(ModelState.Unloaded, service.Get<IModelHost>().State);
        Assert.Null(service.Get<IModelHost>().Current);
        Assert.Equal("unloaded", (await service.Api.GetAsync("/health")).GetProperty("status").GetString());
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
        Assert.Equal((2, 1), (model.Loads, model.Unloads));
    }

    [Fact]
    public async Task A_model_that_fails_to_unload_is_loaded_again_all_the_same()
    {
        var time = new FakeTimeProvider();
        bool fails = true;
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable())
        {
            OnUnload = () =>
            {
                if (fails) throw new InvalidOperationException("stuck");
            },
        };
        await using RunningService service = await StartIdleAsync(model, time);
        time.Advance(TimeSpan.FromMinutes(11));
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
        Assert.Equal((2, 1), (model.Loads, model.Unloads));
        fails = false;
    }

    [Fact]
    public async Task The_longest_time_that_may_be_asked_for_is_one_that_timers_know()
    {
        var options = new ServeOptions { IdleUnload = ServeOptions.LongestIdle };
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), options);
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
        Assert.Equal(ModelState.Ready, service.Get<IModelHost>().State);
    }

    [Fact]
    public async Task A_model_in_use_is_not_unloaded_however_long_that_takes()
    {
        var time = new FakeTimeProvider();
        (var started, var end) = (new TaskCompletionSource(), new TaskCompletionSource());
        var model = new FakeModel((_, _) => SlowAsync());
        await using RunningService service = await StartIdleAsync(model, time);
        Task<JsonElement> answer = service.Api.OkAsync(ApiClient.Chat, Body);
        await started.Task;

        time.Advance(TimeSpan.FromHours(5));
        Assert.Equal(0, model.Unloads);
        end.SetResult();
        Assert.Equal("Hello", (await answer).Content());

        async IAsyncEnumerable<string> SlowAsync()
        {
            started.SetResult();
            await end.Task;
            yield return "Hello";
        }
    }

    [Fact]
    public async Task Requests_wait_while_the_model_comes_back()
    {
        var time = new FakeTimeProvider();
        var again = new TaskCompletionSource();
        int loads = 0;
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable()) { OnLoad = (_, _) => ++loads == 1 ? Task.CompletedTask : again.Task };
        await using RunningService service = await StartIdleAsync(model, time);
        time.Advance(TimeSpan.FromMinutes(11));

        Task<JsonElement>[] answers = [service.Api.OkAsync(ApiClient.Chat, Body), service.Api.OkAsync(ApiClient.Chat, Body)];
        await UntilAsync(() => service.Get<IModelHost>().State == ModelState.Loading);
        Assert.Equal("loading", (await service.Api.GetAsync("/health", HttpStatusCode.ServiceUnavailable)).GetProperty("status").GetString());
        again.SetResult();

        foreach (Task<JsonElement> answer in answers) Assert.Equal("Hello", (await answer).Content());
        Assert.Equal(2, model.Loads);
    }

    [Fact]
    public async Task A_model_that_does_not_come_back_is_an_error_and_the_next_request_tries_again()
    {
        var time = new FakeTimeProvider();
        int loads = 0;
        var model = new FakeModel((_, _) => new[] { "Hello" }.ToAsyncEnumerable()) { OnLoad = (_, _) => ++loads == 2 ? throw new BadInputException("the disk is gone") : Task.CompletedTask };
        await using RunningService service = await StartIdleAsync(model, time);
        time.Advance(TimeSpan.FromMinutes(11));

        JsonElement error = await service.Api.ErrorAsync(HttpStatusCode.ServiceUnavailable, ApiClient.Chat, Body);
        Assert.Equal("model_failed", error.Code());
        Assert.Contains("the disk is gone", error.Message(), StringComparison.Ordinal);
        Assert.Equal("Hello", (await service.Api.OkAsync(ApiClient.Chat, Body)).Content());
    }

    [Fact]
    public async Task Stopping_while_loading_cancels_the_loading()
    {
        var cancelled = new TaskCompletionSource();
        var model = new FakeModel((_, _) => AsyncEnumerable.Empty<string>()) { OnLoad = (_, cancel) => ForeverAsync(cancel) };
        RunningService service = await TestServices.ListenAsync(model);
        await UntilAsync(() => model.Loads == 1);
        await service.DisposeAsync();
        await cancelled.Task;

        async Task ForeverAsync(CancellationToken cancel)
        {
            var never = new TaskCompletionSource();
            await using CancellationTokenRegistration registration = cancel.Register(() => never.TrySetCanceled(cancel));
            try
            {
                await never.Task;
            }
            finally
            {
                cancelled.SetResult();
            }
        }
    }

    private static Task<RunningService> StartIdleAsync(FakeModel model, FakeTimeProvider time) =>
        TestServices.StartAsync(model, new ServeOptions { IdleUnload = TimeSpan.FromMinutes(10) }, configure: services => services.AddSingleton<TimeProvider>(time));

    internal static async Task UntilAsync(Func<bool> reached)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!reached())
        {
            patience.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
