using SubSpec.Core;

namespace SubSpec.Cli.Options;

/// <summary>How tokens are decoded.</summary>
internal static class Methods
{
    public const string SubSpec = "subspec";

    public const string Autoregressive = "autoregressive";

    public static void Check(string name)
    {
        if (name is not (SubSpec or Autoregressive)) throw new BadInputException($"unknown method '{name}': use {SubSpec} or {Autoregressive}");
    }
}
