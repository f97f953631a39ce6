using System.Globalization;
using System.Text;
using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>The codes of C's <c>strftime</c> that chat templates use, in English.</summary>
internal static class Strftime
{
    /// <exception cref="Core.BadInputException">The format has another code.</exception>
    public static string Format(RenderContext context, DateTimeOffset time, string format)
    {
        var text = new StringBuilder();
        for (int i = 0; i < format.Length; i++)
        {
            if (format[i] != '%' || i + 1 == format.Length)
            {
                text.Append(format[i]);
                continue;
            }

            // %-d is %d without a leading zero.
            bool unpadded = format[i + 1] == '-' && i + 2 < format.Length;
            i += unpadded ? 2 : 1;
            string part = Part(time, format[i]) ?? throw context.Unsupported($"strftime code %{format[i]}");
            text.Append(unpadded ? Unpad(part) : part);
        }

        return text.ToString();
    }

    private static string? Part(DateTimeOffset time, char code) => code switch
    {
        'Y' => Write(time, "yyyy"),
        'y' => Write(time, "yy"),
        'm' => Write(time, "MM"),
        'd' => Write(time, "dd"),
        'e' => time.Day.ToString(CultureInfo.InvariantCulture).PadLeft(2),
        'B' => Write(time, "MMMM"),
        'b' or 'h' => Write(time, "MMM"),
        'A' => Write(time, "dddd"),
        'a' => Write(time, "ddd"),
        'H' => Write(time, "HH"),
        'I' => Write(time, "hh"),
        'M' => Write(time, "mm"),
        'S' => Write(time, "ss"),
        'f' => Write(time, "ffffff"),
        'p' => time.Hour < 12 ? "AM" : "PM",
        'j' => time.DayOfYear.ToString("000", CultureInfo.InvariantCulture),
        'F' => Write(time, "yyyy-MM-dd"),
        'T' => Write(time, "HH:mm:ss"),
        'D' => Write(time, "MM'/'dd'/'yy"),
        'R' => Write(time, "HH:mm"),
        '%' => "%",
        'n' => "\n",
        't' => "\t",
        _ => null,
    };

    private static string Write(DateTimeOffset time, string format) => time.ToString(format, CultureInfo.InvariantCulture);

    private static string Unpad(string number) => number.TrimStart('0', ' ') is { Length: > 0 } digits ? digits : "0";
}
