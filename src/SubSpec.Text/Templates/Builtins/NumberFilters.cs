using System.Globalization;
using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Filters that make a number.</summary>
internal static class NumberFilters
{
    public static IReadOnlyDictionary<string, Func<object?, Arguments, object?>> All { get; } = new Dictionary<string, Func<object?, Arguments, object?>>
    {
        ["abs"] = (v, a) => a.Bind() is [] && Arithmetic.IsNumber(v) && Arithmetic.Compare(v, 0L) >= 0 ? v : Arithmetic.Negate(a.Context, v),
        ["int"] = ToInteger,
        ["float"] = ToFloat,
        ["round"] = Round,
    };

    private static object? ToInteger(object? value, Arguments arguments)
    {
        object? fallback = arguments.Bind("default")[0];
        return value switch
        {
            long => value,
            bool flag => flag ? 1L : 0L,
            double number when Math.Abs(number) < 9e18 => (long)number,
            MarkedText text when long.TryParse(text.Text.Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) => number,
            MarkedText text when TryFloat(text, out double number) && Math.Abs(number) < 9e18 => (long)number,
            _ => Arguments.IsMissing(fallback) ? 0L : fallback,
        };
    }

    private static object? ToFloat(object? value, Arguments arguments)
    {
        object? fallback = arguments.Bind("default")[0];
        return value switch
        {
            double => value,
            long number => (double)number,
            bool flag => flag ? 1.0 : 0.0,
            MarkedText text when TryFloat(text, out double number) => number,
            _ => Arguments.IsMissing(fallback) ? 0.0 : fallback,
        };
    }

    private static object Round(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("precision", "method");
        if (!Arithmetic.IsNumber(value)) throw arguments.Context.Fail($"round needs a number, not {Describe.Kind(value)}");
        double number = Convert.ToDouble(value, CultureInfo.InvariantCulture);
        double scale = Math.Pow(10, Math.Clamp(arguments.Integer(given[0], 0), -15, 15));
        return arguments.Text(given[1], "common").Text switch
        {
            "common" => Math.Round(number * scale, MidpointRounding.ToEven) / scale,
            "ceil" => Math.Ceiling(number * scale) / scale,
            "floor" => Math.Floor(number * scale) / scale,
            var method => throw arguments.Context.Unsupported($"round method '{method}'"),
        };
    }

    private static bool TryFloat(MarkedText text, out double number) =>
        double.TryParse(text.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
}
