using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Methods of a list; those that would change it are refused, as in Hugging Face's sandbox.</summary>
internal static class ListMethods
{
    public static TemplateFunction? Find(RenderContext context, IReadOnlyList<object?> list, string name) => name switch
    {
        "index" => (c, a) => IndexOf(c, list, a.Bind("value")[0]),
        "count" => (c, a) => a.Bind("value") is [var value] ? list.LongCount(item => Operators.AreEqual(c, item, value)) : null,
        "append" or "extend" or "insert" or "pop" or "remove" or "clear" or "sort" or "reverse" => throw context.Unsupported($"changing a list with {name}()"),
        _ => null,
    };

    private static object IndexOf(RenderContext context, IReadOnlyList<object?> list, object? value)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (Operators.AreEqual(context, list[i], value)) return (long)i;
        }

        throw context.Fail("index() did not find the value in the list");
    }
}
