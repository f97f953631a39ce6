using System.Globalization;
using System.Text;
using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>Values as Python prints them, which is what Jinja writes.</summary>
internal static class PythonText
{
    /// <summary>Python's <c>str</c>: what <c>{{ value }}</c> writes.</summary>
    public static MarkedText Str(RenderContext context, object? value)
    {
        switch (value)
        {
            case MarkedText text:
                return text;
            case Undefined:
                return MarkedText.Empty;
            case null or bool or long or double or TemplateDict or IReadOnlyList<object?>:
                var result = new StringBuilder();
                AppendRepr(context, value, result);
                return MarkedText.Of(result.ToString(), Inputs.Any(context, value));
            default:
                throw context.Fail($"{Describe.Kind(value)} cannot be written");
        }
    }

    public static string Float(double value)
    {
        if (double.IsNaN(value)) return "nan";
        if (double.IsInfinity(value)) return value > 0 ? "inf" : "-inf";
        double size = Math.Abs(value);
        if (size is 0 or (>= 1e-4 and < 1e16))
        {
            string plain = value.ToString("0.0################################", CultureInfo.InvariantCulture);
            return double.Parse(plain, CultureInfo.InvariantCulture) == value ? plain : value.ToString("R", CultureInfo.InvariantCulture);
        }

        // Python writes 1e+20 and 1e-05, .NET writes 1E+20 and 1E-05.
        return value.ToString("R", CultureInfo.InvariantCulture).Replace('E', 'e');
    }

    private static void AppendRepr(RenderContext context, object? value, StringBuilder result)
    {
        context.Enter();
        switch (value)
        {
            case null:
                result.Append("None");
                break;
            case bool flag:
                result.Append(flag ? "True" : "False");
                break;
            case long number:
                result.Append(number.ToString(CultureInfo.InvariantCulture));
                break;
            case double number:
                result.Append(Float(number));
                break;
            case MarkedText text:
                context.Spend(text.Length);
                AppendQuoted(text.Text, result);
                break;
            case IReadOnlyList<object?> list:
                AppendAll(list, '[', ']', item => AppendRepr(context, item, result), result);
                break;
            case TemplateDict dict:
                AppendAll(dict.Entries, '{', '}', entry =>
                {
                    AppendRepr(context, entry.Key, result);
                    result.Append(": ");
                    AppendRepr(context, entry.Value, result);
                }, result);
                break;
            default:
                throw context.Fail($"{Describe.Kind(value)} cannot be written");
        }
    }

    private static void AppendAll<T>(IEnumerable<T> items, char open, char close, Action<T> append, StringBuilder result)
    {
        result.Append(open);
        bool first = true;
        foreach (T item in items)
        {
            if (!first) result.Append(", ");
            first = false;
            append(item);
        }

        result.Append(close);
    }

    private static void AppendQuoted(string text, StringBuilder result)
    {
        char quote = text.Contains('\'') && !text.Contains('"') ? '"' : '\'';
        result.Append(quote);
        foreach (char c in text)
        {
            if (c == quote || c == '\\') result.Append('\\').Append(c);
            else if (c == '\n') result.Append("\\n");
            else if (c == '\r') result.Append("\\r");
            else if (c == '\t') result.Append("\\t");
            else if (char.IsControl(c)) result.Append(CultureInfo.InvariantCulture, $"\\x{(int)c:x2}");
            else result.Append(c);
        }

        result.Append(quote);
    }
}
