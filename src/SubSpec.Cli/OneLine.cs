namespace SubSpec.Cli;

/// <summary>Errors are one line each.</summary>
internal static class OneLine
{
    /// <summary>The text with its line breaks turned into spaces.</summary>
    public static string Of(string text) => string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
