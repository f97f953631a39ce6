using SubSpec.Text.Templates.Evaluation;

namespace SubSpec.Text.Templates.Values;

/// <summary>Finds out whether a value holds text from the request.</summary>
internal static class Inputs
{
    public static bool Any(RenderContext context, object? value)
    {
        context.Enter();
        return value switch
        {
            MarkedText text => text.HasInput,
            IReadOnlyList<object?> list => list.Any(item => Any(context, item)),
            TemplateDict dict => dict.Entries.Any(e => Any(context, e.Key) || Any(context, e.Value)),
            _ => false,
        };
    }
}
