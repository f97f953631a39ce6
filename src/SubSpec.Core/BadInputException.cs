namespace SubSpec.Core;

/// <summary>
/// Something the user gave (file, argument, request) cannot be used. The message is one line that says what, where and what to do;
/// the command line prints it and ends with exit code 2.
/// </summary>
public sealed class BadInputException : Exception
{
    public BadInputException(string message)
        : base(message)
    {
    }

    public BadInputException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
