using SubSpec.Text.Templates.Evaluation;
using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>Filters that take another filter or a test by name: map, select, reject, selectattr, rejectattr.</summary>
internal static class SelectionFilters
{
    public static IReadOnlyDictionary<string, Func<object?, Arguments, object?>> All { get; } = new Dictionary<string, Func<object?, Arguments, object?>>
    {
        ["map"] = Map,
        ["select"] = (v, a) => Select(v, a, byAttribute: false, wanted: true),
        ["reject"] = (v, a) => Select(v, a, byAttribute: false, wanted: false),
        ["selectattr"] = (v, a) => Select(v, a, byAttribute: true, wanted: true),
        ["rejectattr"] = (v, a) => Select(v, a, byAttribute: true, wanted: false),
    };

    private static object Map(object? value, Arguments arguments)
    {
        IReadOnlyList<object?> items = Operators.Items(arguments.Context, value);
        if (arguments.Positional.Count == 0)
        {
            object?[] given = arguments.Bind("attribute", "default");
            if (Arguments.IsMissing(given[0])) throw arguments.Context.Fail("filter 'map' needs an attribute or a filter");
            IEnumerable<object?> found = items.Select(item => Attributes.Get(arguments.Context, item, given[0]));
            return found.Select(f => f is Undefined && !Arguments.IsMissing(given[1]) ? given[1] : f).ToList();
        }

        string name = arguments.Text(arguments.Positional[0]).Text;
        Func<object?, Arguments, object?> filter = Filters.Find(arguments.Context, name);
        Arguments rest = arguments with { Callee = $"filter '{name}'", Positional = [.. arguments.Positional.Skip(1)] };
        return items.Select(item => filter(item, rest)).ToList();
    }

    private static object Select(object? value, Arguments arguments, bool byAttribute, bool wanted)
    {
        RenderContext context = arguments.Context;
        object?[] given = [.. arguments.Positional];
        int used = byAttribute ? 1 : 0;
        if (given.Length < used) throw context.Fail($"{arguments.Callee} needs an attribute");

        Func<object?, Arguments, bool> test = (item, _) => Operators.IsTrue(item);
        Arguments rest = arguments with { Positional = [] };
        if (given.Length > used)
        {
            string name = arguments.Text(given[used]).Text;
            test = Tests.Find(context, name);
            rest = arguments with { Callee = $"test '{name}'", Positional = given[(used + 1)..] };
        }

        return Operators.Items(context, value)
            .Where(item => test(byAttribute ? Attributes.Get(context, item, given[0]) : item, rest) == wanted)
            .ToList();
    }
}
