using Microsoft.AspNetCore.Http;
using SubSpec.Actors.Client;
using SubSpec.Core;
using SubSpec.Server.Http.Errors;

namespace SubSpec.Server.Tests.Http.Errors;

public class ErrorTranslationTests
{
    public static TheoryData<Exception, int, string?, bool> Errors => new()
    {
        { new BadInputException("what"), 400, null, false },
        { new RequestRejectedException(Rejection.SessionBusy, "what"), 429, "session_busy", false },
        { new RequestRejectedException(Rejection.QueueFull, "what"), 429, "queue_full", false },
        { new EngineFailedException("what"), 503, "engine_failed", true },
        { new BadHttpRequestException("jargon", StatusCodes.Status413PayloadTooLarge), 413, "request_too_large", false },
        { new BadHttpRequestException("jargon", StatusCodes.Status408RequestTimeout), 408, "request_timeout", false },
        { new BadHttpRequestException("what"), 400, null, false },
        { new InvalidOperationException("a secret"), 500, "internal_error", true },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Every_exception_has_its_status_and_word(Exception exception, int status, string? code, bool isOurs)
    {
        (ApiException error, bool ours) = ErrorTranslation.Of(exception);
        Assert.Equal((status, code, isOurs), (error.Status, error.Code, ours));
        Assert.DoesNotContain("jargon", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }
}
