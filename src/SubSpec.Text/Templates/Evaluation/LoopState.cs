using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>The variable <c>loop</c> inside a loop.</summary>
internal sealed class LoopState(IReadOnlyList<object?> items, int depth)
{
    private object? _lastChanged = Arguments.Missing;

    public int Index { get; set; }

    public int Depth { get; } = depth;

    public object? Member(RenderContext context, string name) => name switch
    {
        "index" => Index + 1L,
        "index0" => (long)Index,
        "revindex" => (long)(items.Count - Index),
        "revindex0" => items.Count - Index - 1L,
        "first" => Index == 0,
        "last" => Index == items.Count - 1,
        "length" => (long)items.Count,
        "depth" => (long)Depth,
        "depth0" => Depth - 1L,
        "previtem" => Index > 0 ? items[Index - 1] : new Undefined("loop.previtem"),
        "nextitem" => Index + 1 < items.Count ? items[Index + 1] : new Undefined("loop.nextitem"),
        "cycle" => (TemplateFunction)((c, a) => a.Positional.Count > 0 ? a.Positional[Index % a.Positional.Count] : throw c.Fail("loop.cycle needs items")),
        "changed" => (TemplateFunction)((c, a) => HasChanged(c, a.Positional)),
        _ => throw context.Unsupported($"loop.{name}"),
    };

    private object HasChanged(RenderContext context, IReadOnlyList<object?> values)
    {
        bool changed = !Operators.AreEqual(context, _lastChanged, values);
        _lastChanged = values;
        return changed;
    }
}
