using System.Globalization;

namespace SubSpec.Core;

/// <summary>Sizes as people write them: <c>512MiB, 1.5GB, 8GiB</c>.</summary>
public static class ByteSize
{
    private static readonly (string Suffix, double Factor)[] Units =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40),
        ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("B", 1),
    ];

    /// <summary>Reads a size. Throws <see cref="BadInputException"/> naming <paramref name="option"/>.</summary>
    public static long Parse(string text, string option)
    {
        foreach ((string suffix, double factor) in Units)
        {
            if (text.EndsWith(suffix, StringComparison.OrdinalIgnoreCase)) return Value(text[..^suffix.Length], factor, text, option);
        }
        return Value(text, 1, text, option);
    }

    /// <summary>Writes a size in binary units with up to two decimals.</summary>
    /// <param name="roundUp">Never show less than it is: for a size that somebody is told to give.</param>
    public static string Format(long bytes, bool roundUp = false)
    {
        (string unit, double factor) = bytes switch
        {
            >= 1L << 30 => ("GiB", 1L << 30),
            >= 1L << 20 => ("MiB", 1L << 20),
            >= 1L << 10 => ("KiB", 1L << 10),
            _ => ("B", 1.0),
        };
        double value = bytes / factor * 100;
        value = (roundUp ? Math.Ceiling(value) : Math.Round(value)) / 100;
        return value.ToString("0.##", CultureInfo.InvariantCulture) + unit;
    }

    private static long Value(string number, double factor, string text, string option)
    {
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double value) || value * factor is < 1 or > 1e15)
            throw new BadInputException($"{option} '{text}' is not a size: write it like 512MiB, 1.5GB or 8GiB");
        return (long)(value * factor);
    }
}
