using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>Truth, equality, order, membership and iteration of values, as in Python.</summary>
internal static class Operators
{
    public static bool IsTrue(object? value) => value switch
    {
        null or Undefined => false,
        bool flag => flag,
        long number => number != 0,
        double number => number != 0,
        MarkedText text => text.Length > 0,
        IReadOnlyList<object?> list => list.Count > 0,
        TemplateDict dict => dict.Count > 0,
        _ => true,
    };

    public static bool AreEqual(RenderContext context, object? left, object? right)
    {
        context.Enter();
        return (left, right) switch
        {
            (IReadOnlyList<object?> a, IReadOnlyList<object?> b) => a.Count == b.Count && a.Zip(b).All(pair => AreEqual(context, pair.First, pair.Second)),
            (TemplateDict a, TemplateDict b) => a.Count == b.Count && a.Entries.All(e => b.TryGet(e.Key, out object? other) && AreEqual(context, e.Value, other)),
            (Undefined, Undefined) => true,
            _ when Arithmetic.IsNumber(left) && Arithmetic.IsNumber(right) => Arithmetic.Compare(left, right) == 0,
            _ => Equals(left, right),
        };
    }

    /// <exception cref="Core.BadInputException">The two have no order.</exception>
    public static int Compare(RenderContext context, object? left, object? right) => (left, right) switch
    {
        (MarkedText a, MarkedText b) => string.CompareOrdinal(a.Text, b.Text),
        _ when Arithmetic.IsNumber(left) && Arithmetic.IsNumber(right) => Arithmetic.Compare(left, right),
        _ => throw context.Fail($"{Describe.Kind(left)} and {Describe.Kind(right)} cannot be compared"),
    };

    public static bool Contains(RenderContext context, object? container, object? item)
    {
        switch (container)
        {
            case MarkedText text:
                context.Spend(text.Length);
                return item is MarkedText part
                    ? text.Text.Contains(part.Text, StringComparison.Ordinal)
                    : throw context.Fail($"'in' a string needs a string, not {Describe.Kind(item)}");
            case TemplateDict dict:
                return dict.TryGet(item, out _);
            default:
                return Items(context, container).Any(i => AreEqual(context, i, item));
        }
    }

    /// <summary>What a loop over the value sees: items, keys of a dictionary, characters of a string.</summary>
    public static IReadOnlyList<object?> Items(RenderContext context, object? value)
    {
        IReadOnlyList<object?> items = value switch
        {
            IReadOnlyList<object?> list => list,
            TemplateDict dict => [.. dict.Keys],
            MarkedText text => [.. Enumerable.Range(0, text.PointCount).Select(text.Point)],
            Undefined => [],
            _ => throw context.Fail($"{Describe.Kind(value)} cannot be iterated"),
        };
        context.Spend(items.Count);
        return items;
    }
}
