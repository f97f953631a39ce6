namespace SubSpec.Server.Http.Errors;

/// <summary>An error as OpenAI's clients read it.</summary>
internal sealed record ErrorBody(ErrorDetails Error)
{
    private const int LongestMessage = 800;
    private const int LongestName = 200;

    /// <summary>What a client sent is not sent back at length: the middle of a long text is left out.</summary>
    public static ErrorBody Of(ApiException error) => new(new ErrorDetails(
        Shorten(error.Message, LongestMessage), error.Type, error.Parameter is { } parameter ? Shorten(parameter, LongestName) : null, error.Code));

    private static string Shorten(string text, int most) => text.Length <= most ? text : $"{text[..(most / 2)]} ... {text[^(most / 2)..]}";
}

/// <param name="Param">The field that is wrong; null where it is none.</param>
internal sealed record ErrorDetails(string Message, string Type, string? Param, string? Code);
