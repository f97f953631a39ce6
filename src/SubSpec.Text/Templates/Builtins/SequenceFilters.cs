using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Filters on lists and dictionaries. Where Jinja gives a generator, these give a list.</summary>
internal static class SequenceFilters
{
    public static IReadOnlyDictionary<string, Func<object?, Arguments, object?>> All { get; } = new Dictionary<string, Func<object?, Arguments, object?>>
    {
        ["length"] = Length,
        ["count"] = Length,
        ["default"] = Default,
        ["d"] = Default,
        ["list"] = (v, a) => a.Bind() is [] ? Operators.Items(a.Context, v) : null,
        ["items"] = Items,
        ["first"] = (v, a) => a.Bind() is [] && Operators.Items(a.Context, v) is [var first, ..] ? first : new Undefined("first item"),
        ["last"] = (v, a) => a.Bind() is [] && Operators.Items(a.Context, v) is [.., var last] ? last : new Undefined("last item"),
        ["reverse"] = Reverse,
        ["sum"] = Sum,
        ["min"] = (v, a) => Ordered(v, a, a.Bind("case_sensitive", "attribute")) is [var least, ..] ? least : new Undefined("smallest item"),
        ["max"] = (v, a) => Ordered(v, a, a.Bind("case_sensitive", "attribute")) is [.., var greatest] ? greatest : new Undefined("greatest item"),
        ["sort"] = Sort,
        ["unique"] = Unique,
        ["dictsort"] = DictSort,
    };

    private static object Length(object? value, Arguments arguments)
    {
        arguments.Bind();
        return value switch
        {
            MarkedText text => (long)text.PointCount,
            TemplateDict dict => (long)dict.Count,
            _ => (long)Operators.Items(arguments.Context, value).Count,
        };
    }

    private static object? Default(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("default_value", "boolean");
        bool replaced = value is Undefined || (Arguments.Flag(given[1], false) && !Operators.IsTrue(value));
        return !replaced ? value : Arguments.IsMissing(given[0]) ? MarkedText.Empty : given[0];
    }

    private static object Items(object? value, Arguments arguments)
    {
        arguments.Bind();
        return value switch
        {
            TemplateDict dict => DictMethods.Items(dict),
            Undefined => new List<object?>(),
            _ => throw arguments.Context.Fail($"filter 'items' needs a dictionary, not {Describe.Kind(value)}"),
        };
    }

    private static object Reverse(object? value, Arguments arguments)
    {
        arguments.Bind();
        List<object?> items = [.. Operators.Items(arguments.Context, value)];
        items.Reverse();
        return value is MarkedText ? TextEdits.Join(arguments.Context, items, MarkedText.Empty) : items;
    }

    private static object? Sum(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("attribute", "start");
        object? start = Arguments.IsMissing(given[1]) ? 0L : given[1];
        return Keys(value, arguments, given[0]).Aggregate(start, (total, item) => Arithmetic.Apply(arguments.Context, "+", total, item));
    }

    private static object Sort(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("reverse", "case_sensitive", "attribute");
        List<object?> sorted = Ordered(value, arguments, given[1..], Arguments.Flag(given[0], false));
        return sorted;
    }

    private static object Unique(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("case_sensitive", "attribute");
        IReadOnlyList<object?> items = Operators.Items(arguments.Context, value);
        List<object?> keys = Folded(Keys(value, arguments, given[1]), given[0]);
        var kept = new List<object?>();
        for (int i = 0; i < items.Count; i++)
        {
            if (!keys.Take(i).Any(k => Operators.AreEqual(arguments.Context, k, keys[i]))) kept.Add(items[i]);
        }

        return kept;
    }

    private static object DictSort(object? value, Arguments arguments)
    {
        object?[] given = arguments.Bind("case_sensitive", "by", "reverse");
        if (value is not TemplateDict dict) throw arguments.Context.Fail($"filter 'dictsort' needs a dictionary, not {Describe.Kind(value)}");
        long by = arguments.Text(given[1], "key").Text == "value" ? 1 : 0;
        return Ordered(DictMethods.Items(dict), arguments, [given[0], by], Arguments.Flag(given[2], false));
    }

    /// <summary>The items in ascending order (stable), by <c>[case_sensitive, attribute]</c>.</summary>
    private static List<object?> Ordered(object? value, Arguments arguments, object?[] given, bool descending = false)
    {
        List<object?> keys = Folded(Keys(value, arguments, given[1]), given[0]);
        var order = Comparer<object?>.Create((x, y) =>
        {
            arguments.Context.Enter();
            return Operators.Compare(arguments.Context, x, y);
        });
        IEnumerable<(object? Item, object? Key)> pairs = Operators.Items(arguments.Context, value).Zip(keys);
        try
        {
            return [.. (descending ? pairs.OrderByDescending(p => p.Key, order) : pairs.OrderBy(p => p.Key, order)).Select(p => p.Item)];
        }
        catch (InvalidOperationException e) when (e.InnerException is Core.BadInputException inner)
        {
            throw inner;
        }
    }

    private static List<object?> Keys(object? value, Arguments arguments, object? attribute)
    {
        IReadOnlyList<object?> items = Operators.Items(arguments.Context, value);
        return attribute is null or Undefined ? [.. items] : [.. items.Select(i => Attributes.Get(arguments.Context, i, attribute))];
    }

    private static List<object?> Folded(List<object?> keys, object? caseSensitive) =>
        Arguments.Flag(caseSensitive, false) ? keys : [.. keys.Select(k => k is MarkedText text ? TextEdits.Lower(text) : k)];
}
