using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>The binary operators on values, as in Python; integers that leave 64 bits are an error.</summary>
internal static class Arithmetic
{
    public static bool IsNumber(object? value) => value is long or double or bool;

    public static int Compare(object? left, object? right) =>
        left is double || right is double ? Float(left).CompareTo(Float(right)) : Integer(left).CompareTo(Integer(right));

    public static object Apply(RenderContext context, string name, object? left, object? right)
    {
        try
        {
            return (name, left, right) switch
            {
                ("~", _, _) => Concatenate(context, PythonText.Str(context, left), PythonText.Str(context, right)),
                ("+", MarkedText a, MarkedText b) => Concatenate(context, a, b),
                ("+", IReadOnlyList<object?> a, IReadOnlyList<object?> b) => Concatenate(context, a, b),
                ("*", MarkedText text, long count) => Repeat(context, text, count),
                ("*", long count, MarkedText text) => Repeat(context, text, count),
                _ when IsNumber(left) && IsNumber(right) => Calculate(context, name, left, right),
                _ => throw context.Fail($"'{name}' cannot be applied to {Describe.Kind(left)} and {Describe.Kind(right)}"),
            };
        }
        catch (OverflowException)
        {
            throw context.Fail($"the result of '{name}' is too large");
        }
    }

    public static object Negate(RenderContext context, object? value) => value switch
    {
        double number => -number,
        _ when IsNumber(value) => Apply(context, "-", 0L, value),
        _ => throw context.Fail($"'-' cannot be applied to {Describe.Kind(value)}"),
    };

    private static object Calculate(RenderContext context, string name, object? left, object? right)
    {
        bool isDivision = name is "/" or "//" or "%";
        if (isDivision && Float(right) == 0) throw context.Fail("division by zero");
        if (left is double || right is double || name == "/" || (name == "**" && Integer(right) < 0)) return Calculate(name, Float(left), Float(right));
        long a = Integer(left), b = Integer(right);
        checked
        {
            return name switch
            {
                "+" => a + b,
                "-" => a - b,
                "*" => a * b,
                "//" => FloorDivide(a, b),
                "%" => a - FloorDivide(a, b) * b,
                _ => Power(a, b),
            };
        }
    }

    private static double Calculate(string name, double a, double b) => name switch
    {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "//" => Math.Floor(a / b),
        "%" => a - Math.Floor(a / b) * b,
        _ => Math.Pow(a, b),
    };

    private static long FloorDivide(long a, long b) => checked(a / b) - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);

    private static long Power(long value, long exponent)
    {
        long result = 1;
        for (long square = value; exponent > 0; square = checked(square * square))
        {
            if (exponent % 2 == 1) result = checked(result * square);
            exponent /= 2;
            if (exponent == 0) break;
        }

        return result;
    }

    private static MarkedText Concatenate(RenderContext context, MarkedText a, MarkedText b)
    {
        context.Spend(a.Length + b.Length);
        return MarkedText.Join([a, b]);
    }

    private static IReadOnlyList<object?> Concatenate(RenderContext context, IReadOnlyList<object?> a, IReadOnlyList<object?> b)
    {
        context.Spend(a.Count + b.Count);
        return [.. a, .. b];
    }

    private static MarkedText Repeat(RenderContext context, MarkedText text, long count)
    {
        if (count <= 0) return MarkedText.Empty;
        context.Spend(checked(Math.Max(text.Length, 1) * count));
        return MarkedText.Join([.. Enumerable.Repeat(text, (int)count)]);
    }

    private static long Integer(object? value) => value is bool flag ? (flag ? 1 : 0) : (long)value!;

    private static double Float(object? value) => value is double number ? number : Integer(value);
}
