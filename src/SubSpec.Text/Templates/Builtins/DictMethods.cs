using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Methods of a dictionary; those that would change it do not exist, as in Hugging Face's sandbox.</summary>
internal static class DictMethods
{
    public static TemplateFunction? Find(TemplateDict dict, string name) => name switch
    {
        "items" => (_, a) => NoArguments(a, Items(dict)),
        "keys" => (_, a) => NoArguments(a, dict.Keys.ToList()),
        "values" => (_, a) => NoArguments(a, dict.Values.ToList()),
        "get" => (_, a) =>
        {
            object?[] given = a.Bind("key", "default");
            if (dict.TryGet(Members.CheckKey(a.Context, given[0]), out object? value)) return value;
            return Arguments.IsMissing(given[1]) ? null : given[1];
        }
        ,
        _ => null,
    };

    /// <summary>Pairs of key and value.</summary>
    public static List<object?> Items(TemplateDict dict) => [.. dict.Entries.Select(e => new List<object?> { e.Key, e.Value })];

    private static List<object?> NoArguments(Arguments arguments, List<object?> result)
    {
        arguments.Bind();
        arguments.Context.Spend(result.Count);
        return result;
    }
}
