namespace SubSpec.Cli;

/// <summary>How the program ends. Scripts rely on these.</summary>
internal static class ExitCodes
{
    public const int Done = 0;

    public const int Failed = 1;

    public const int BadInput = 2;

    public const int Interrupted = 130;
}
