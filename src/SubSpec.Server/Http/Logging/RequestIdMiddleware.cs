using SubSpec.Server.Http.Generating;

namespace SubSpec.Server.Http.Logging;

/// <summary>Gives every request an id: in the answer's <c>x-request-id</c>, and on every line of the log about it.</summary>
internal sealed class RequestIdMiddleware(RequestDelegate next, ILogger<RequestIdMiddleware> log)
{
    public const string Header = "x-request-id";

    private static readonly Func<ILogger, string, IDisposable?> Scope = LoggerMessage.DefineScope<string>("{RequestId}");

    public async Task InvokeAsync(HttpContext http)
    {
        http.TraceIdentifier = Asker.NewId();
        http.Response.Headers[Header] = http.TraceIdentifier;
        using (Scope(log, http.TraceIdentifier)) await next(http);
    }
}
