using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SubSpec.Server.Tests.Http.Support;

namespace SubSpec.Server.Tests.Http.Observing;

public class LogTests
{
    [Fact]
    public async Task A_request_is_a_line_of_the_log_with_its_id()
    {
        var lines = new Lines();
        await using RunningService service = await TestServices.StartAsync(FakeModel.Saying("Hello"), configure: s => s.AddSingleton<ILoggerProvider>(lines));
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Completions, """{"prompt": "Once"}""");
        string id = response.Headers.GetValues("x-request-id").Single();
        await response.Content.ReadAsStringAsync();
        await Loading.ModelHostTests.UntilAsync(() => lines.All.Any(l => l.Text.StartsWith("completions 200 ok: 1 + 1 tokens", StringComparison.Ordinal)));
        Assert.All(lines.All.Where(l => l.Text.StartsWith("completions", StringComparison.Ordinal)), l => Assert.Equal(id, l.RequestId));
    }

    [Fact]
    public async Task A_failure_is_logged_whole_with_the_request_that_met_it()
    {
        var lines = new Lines();
        await using RunningService service = await TestServices.StartAsync(
            new FakeModel((_, _) => throw new InvalidOperationException("the inside")), configure: s => s.AddSingleton<ILoggerProvider>(lines));
        using HttpResponseMessage response = await service.Api.SendAsync(ApiClient.Completions, """{"prompt": "Once"}""");
        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        (string _, string? id, Exception? error) = Assert.Single(lines.All, l => l.Error is not null);
        Assert.Equal(("the inside", response.Headers.GetValues("x-request-id").Single()), (error!.Message, id));
    }

    /// <summary>Keeps what is logged, with the request's id of the scope around it.</summary>
    private sealed class Lines : ILoggerProvider, ISupportExternalScope
    {
        private IExternalScopeProvider _scopes = null!;

        public ConcurrentQueue<(string Text, string? RequestId, Exception? Error)> All { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Logger(this);

        public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

        public void Dispose()
        {
        }

        private sealed class Logger(Lines lines) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => lines._scopes.Push(state);

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                string? id = null;
                lines._scopes.ForEachScope((scope, _) => id = (scope as IEnumerable<KeyValuePair<string, object?>>)?.FirstOrDefault(p => p.Key == "RequestId").Value as string ?? id, 0);
                lines.All.Enqueue((formatter(state, exception), id, exception));
            }
        }
    }
}
