using SubSpec.Server.Http.Responses;

namespace SubSpec.Server.Http.Errors;

/// <summary>Turns whatever goes wrong before an answer has begun into an error that OpenAI's clients understand.</summary>
internal sealed partial class ErrorMiddleware(RequestDelegate next, ILogger<ErrorMiddleware> log)
{
    public async Task InvokeAsync(HttpContext http)
    {
        try
        {
            await next(http);
            if (!http.Response.HasStarted && Missing(http) is { } missing) await WriteAsync(http, missing);
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is there to be told.
        }
#pragma warning disable CA1031 // the last place where an exception can become an answer
        catch (Exception e) when (!http.Response.HasStarted)
#pragma warning restore CA1031
        {
            (ApiException error, bool isOurs) = ErrorTranslation.Of(e);
            if (isOurs) LogFailure(e);
            await WriteAsync(http, error);
        }
    }

    // Routing answers these without a body.
    private static ApiException? Missing(HttpContext http) => http.Response.StatusCode switch
    {
        StatusCodes.Status404NotFound => ApiException.NotFound(null, "unknown_url", $"there is nothing at {http.Request.Method} {http.Request.Path}"),
        StatusCodes.Status405MethodNotAllowed => new ApiException(
            StatusCodes.Status405MethodNotAllowed, "invalid_request_error", null, "method_not_allowed", $"{http.Request.Path} does not take {http.Request.Method}"),
        _ => null,
    };

    private static Task WriteAsync(HttpContext http, ApiException error)
    {
        http.Response.StatusCode = error.Status;
        if (error.RetryAfter is { } seconds) http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (error.Status == StatusCodes.Status401Unauthorized) http.Response.Headers.WWWAuthenticate = "Bearer";
        return Json.WriteAsync(http.Response, ErrorBody.Of(error), http.RequestAborted);
    }

    [LoggerMessage(LogLevel.Error, "request failed")]
    private partial void LogFailure(Exception exception);
}
