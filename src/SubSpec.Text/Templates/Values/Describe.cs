namespace SubSpec.Text.Templates.Values;

/// <summary>What a value is called in an error.</summary>
internal static class Describe
{
    public static string Kind(object? value) => value switch
    {
        null => "none",
        Undefined undefined => $"'{undefined.Name}', which is undefined",
        bool => "a boolean",
        long => "an integer",
        double => "a float",
        MarkedText => "a string",
        IReadOnlyList<object?> => "a list",
        TemplateDict => "a dictionary",
        TemplateNamespace => "a namespace",
        _ => "a function",
    };
}
