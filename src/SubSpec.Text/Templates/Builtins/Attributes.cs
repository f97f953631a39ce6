using System.Globalization;
using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Looks up the attribute that a filter was given: a name, an index, or several of them joined by dots.</summary>
internal static class Attributes
{
    public static object? Get(RenderContext context, object? item, object? attribute)
    {
        if (attribute is long) return Members.OfKey(context, item, attribute);
        if (attribute is not MarkedText path) throw context.Fail($"an attribute is a name, not {Describe.Kind(attribute)}");
        foreach (string name in path.Text.Split('.'))
        {
            object? key = long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out long index) ? index : MarkedText.FromTemplate(name);
            if (item is null or Undefined) return new Undefined(path.Text);
            item = Members.OfKey(context, item, key);
        }

        return item;
    }
}
