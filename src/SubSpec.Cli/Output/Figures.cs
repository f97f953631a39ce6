using SubSpec.Core;

namespace SubSpec.Cli.Output;

/// <summary>Numbers as people read them.</summary>
internal static class Figures
{
    public static string Duration(double seconds) => seconds switch
    {
        < 0.9995 => $"{seconds * 1000:0} ms",
        < 99.95 => $"{seconds:0.0} s",
        < 3600 => $"{(int)seconds / 60} min {(int)seconds % 60} s",
        _ => $"{(int)seconds / 3600} h {(int)seconds % 3600 / 60} min",
    };

    public static string Bytes(double bytes) => ByteSize.Format((long)bytes);

    public static string Rate(double bytesPerSecond) => $"{Bytes(bytesPerSecond)}/s";

    /// <summary>Three significant digits or so.</summary>
    public static string Number(double value) => value switch
    {
        >= 99.95 => $"{value:0}",
        >= 9.995 => $"{value:0.0}",
        _ => $"{value:0.00}",
    };

    /// <summary>A large number of things.</summary>
    public static string Count(long count) => count < 1_000_000_000 ? $"{count / 1e6:0.##} million" : $"{count / 1e9:0.##} billion";

    public static string Percent(double share) => $"{share * 100:0} %";
}
