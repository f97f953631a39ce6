using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Builtins;

/// <summary>All filters by name; signatures and results are those of Jinja 2.</summary>
internal static class Filters
{
    private static readonly Dictionary<string, Func<object?, Arguments, object?>> All =
        TextFilters.All.Concat(NumberFilters.All).Concat(SequenceFilters.All).Concat(SelectionFilters.All).ToDictionary();

    /// <exception cref="Core.BadInputException">There is no such filter.</exception>
    public static Func<object?, Arguments, object?> Find(RenderContext context, string name) =>
        All.TryGetValue(name, out Func<object?, Arguments, object?>? filter) ? filter : throw context.Unsupported($"filter '{name}'");
}
