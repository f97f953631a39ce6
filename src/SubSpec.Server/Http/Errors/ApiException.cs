using System.Globalization;

namespace SubSpec.Server.Http.Errors;

/// <summary>A request that is answered with an error, in OpenAI's shape.</summary>
/// <param name="status">HTTP status.</param>
/// <param name="type">OpenAI's kind of error.</param>
/// <param name="parameter">The field of the request that is wrong, as <c>messages[0].role</c>; null where it is none.</param>
/// <param name="code">A stable word for programs; null where OpenAI has none.</param>
internal sealed class ApiException(int status, string type, string? parameter, string? code, string message) : Exception(message)
{
    private const string Invalid = "invalid_request_error";

    public int Status => status;

    public string Type => type;

    public string? Parameter => parameter;

    public string? Code => code;

    /// <summary>Seconds after which trying again makes sense; null to say nothing.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>The body, or something of it, cannot be used.</summary>
    public static ApiException Bad(string? parameter, string message, string? code = null) => new(StatusCodes.Status400BadRequest, Invalid, parameter, code, message);

    /// <summary>OpenAI has this parameter, or this value, and the service does not.</summary>
    public static ApiException Unsupported(string parameter, string message) => Bad(parameter, message, "unsupported_parameter");

    public static ApiException TooLong(string parameter, int tokens, int context) => Bad(
        parameter,
        string.Create(CultureInfo.InvariantCulture, $"the prompt has {tokens} tokens and the context holds {context}, of which one must be left for the answer: shorten '{parameter}'"),
        "context_length_exceeded");

    public static ApiException NotFound(string? parameter, string code, string message) => new(StatusCodes.Status404NotFound, Invalid, parameter, code, message);

    public static ApiException Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, Invalid, null, "invalid_api_key", message);

    public static ApiException Forbidden(string message) => new(StatusCodes.Status403Forbidden, Invalid, null, "forbidden", message);

    public static ApiException Busy(string message, int retryAfter, string code = "queue_full") =>
        new(StatusCodes.Status429TooManyRequests, "rate_limit_error", null, code, message) { RetryAfter = retryAfter };

    /// <summary>The service cannot answer now; the request is not to blame.</summary>
    public static ApiException Unavailable(string code, string message, int? retryAfter = null) =>
        new(StatusCodes.Status503ServiceUnavailable, "server_error", null, code, message) { RetryAfter = retryAfter };
}
