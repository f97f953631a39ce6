using SubSpec.Actors.Client;
using SubSpec.Core;

namespace SubSpec.Server.Http.Errors;

/// <summary>What a client is told about an exception.</summary>
internal static class ErrorTranslation
{
    private const int RetrySeconds = 5;

    /// <summary>The error to answer with, and whether it is ours: then the log gets the whole exception and the client only a line.</summary>
    public static (ApiException Error, bool IsOurs) Of(Exception exception) => exception switch
    {
        ApiException e => (e, false),
        BadInputException e => (ApiException.Bad(null, e.Message), false),
        RequestRejectedException e => (ApiException.Busy(e.Message, RetrySeconds, e.Why == Rejection.SessionBusy ? "session_busy" : "queue_full"), false),
        EngineFailedException e => (ApiException.Unavailable("engine_failed", e.Message, RetrySeconds), true),
        BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
            (Request(StatusCodes.Status413PayloadTooLarge, "request_too_large", $"the body is too large: send at most {ServeLimits.BodyBytes} bytes"), false),
        BadHttpRequestException { StatusCode: StatusCodes.Status408RequestTimeout } =>
            (Request(StatusCodes.Status408RequestTimeout, "request_timeout", "the body came too slowly, and was not waited for: send it at once"), false),
        BadHttpRequestException e => (Request(e.StatusCode, null, e.Message.TrimEnd('.')), false),
        _ => (new ApiException(StatusCodes.Status500InternalServerError, "server_error", null, "internal_error", "the server failed: its log says why"), true),
    };

    private static ApiException Request(int status, string? code, string message) => new(status, "invalid_request_error", null, code, message);
}
