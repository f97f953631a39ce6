using SubSpec.Text.Templates.Builtins;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>Members, items and slices of values. Only what stands here can be reached: templates see no .NET object.</summary>
internal static class Members
{
    /// <summary><c>value.name</c>: a method first, then an entry of that name.</summary>
    public static object? OfName(RenderContext context, object? target, string name) => target switch
    {
        LoopState loop => loop.Member(context, name),
        TemplateNamespace space => space.Attributes.TryGetValue(name, out object? value) ? value : new Undefined(name),
        MarkedText text => (object?)TextMethods.Find(text, name) ?? new Undefined(name),
        TemplateDict dict => DictMethods.Find(dict, name) ?? (dict.TryGet(name, out object? value) ? value : new Undefined(name)),
        IReadOnlyList<object?> list => (object?)ListMethods.Find(context, list, name) ?? new Undefined(name),
        Undefined or null => throw context.Fail($"'{name}' of {Describe.Kind(target)} was asked for"),
        _ => new Undefined(name),
    };

    /// <summary><c>value[key]</c>: an entry first, then a member of that name.</summary>
    public static object? OfKey(RenderContext context, object? target, object? key)
    {
        switch (target)
        {
            case TemplateDict dict when dict.TryGet(CheckKey(context, key), out object? value):
                return value;
            case IReadOnlyList<object?> list when key is long index:
                return At(index, list.Count, i => list[i]);
            case MarkedText text when key is long index:
                return At(index, text.PointCount, text.Point);
            case Undefined:
                throw context.Fail($"an item of {Describe.Kind(target)} was asked for");
            default:
                return key is MarkedText name ? OfName(context, target, name.Text) : new Undefined("the item");
        }
    }

    public static object? Slice(RenderContext context, object? target, long? start, long? stop, long? step)
    {
        if (step == 0) throw context.Fail("a slice's step must not be zero");
        switch (target)
        {
            case MarkedText text:
                return MarkedText.Join([MarkedText.Empty, .. Indices(context, text.PointCount, start, stop, step ?? 1).Select(text.Point)]);
            case IReadOnlyList<object?> list:
                return Indices(context, list.Count, start, stop, step ?? 1).Select(i => list[i]).ToList();
            default:
                throw context.Fail($"{Describe.Kind(target)} cannot be sliced");
        }
    }

    /// <summary>The key, refused when it is no constant.</summary>
    public static object? CheckKey(RenderContext context, object? key) =>
        key is null or bool or long or double or MarkedText ? key : throw context.Fail($"{Describe.Kind(key)} cannot be a dictionary's key");

    private static object? At(long index, int count, Func<int, object?> item)
    {
        long at = index < 0 ? index + count : index;
        return at >= 0 && at < count ? item((int)at) : new Undefined($"item {index}");
    }

    private static List<int> Indices(RenderContext context, int count, long? start, long? stop, long step)
    {
        long low = step > 0 ? 0 : -1, high = step > 0 ? count : count - 1;
        long Bound(long? bound, long fallback) => bound is { } b ? Math.Clamp(b < 0 ? b + count : b, low, high) : fallback;
        long at = Bound(start, step > 0 ? low : high), end = Bound(stop, step > 0 ? high : low);
        var indices = new List<int>();
        while (step > 0 ? at < end : at > end)
        {
            indices.Add((int)at);
            if (step > count || step < -count) break;
            at += step;
        }

        context.Spend(indices.Count);
        return indices;
    }
}
