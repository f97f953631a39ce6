namespace SubSpec.Server.Http.Errors;

/// <summary>An error as OpenAI's clients read it.</summary>
internal sealed record ErrorBody(ErrorDetails Error)
{
    public static ErrorBody Of(ApiException error) => new(new ErrorDetails(error.Message, error.Type, error.Parameter, error.Code));
}

/// <param name="Param">The field that is wrong; null where it is none.</param>
internal sealed record ErrorDetails(string Message, string Type, string? Param, string? Code);
