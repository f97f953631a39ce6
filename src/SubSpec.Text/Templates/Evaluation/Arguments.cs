using SubSpec.Text.Templates.Values;

namespace SubSpec.Text.Templates.Evaluation;

/// <summary>The evaluated arguments of one call.</summary>
internal sealed record Arguments(RenderContext Context, string Callee, IReadOnlyList<object?> Positional, IReadOnlyList<(string Name, object? Value)> Named)
{
    /// <summary>What a parameter holds that was not given.</summary>
    public static Undefined Missing { get; } = new("argument");

    /// <summary>Values in the order of the parameters, <see cref="Missing"/> where none was given.</summary>
    /// <exception cref="Core.BadInputException">There are more arguments than parameters, or an unknown name.</exception>
    public object?[] Bind(params string[] parameters)
    {
        if (Positional.Count > parameters.Length) throw Context.Fail($"{Callee} takes {parameters.Length} arguments, but {Positional.Count} are given");
        var values = new object?[parameters.Length];
        Array.Fill(values, Missing);
        for (int i = 0; i < Positional.Count; i++) values[i] = Positional[i];
        foreach ((string name, object? value) in Named)
        {
            int index = Array.IndexOf(parameters, name);
            if (index < 0) throw Context.Unsupported($"argument '{name}' of {Callee}");
            values[index] = value;
        }

        return values;
    }

    public static bool IsMissing(object? value) => ReferenceEquals(value, Missing);

    public MarkedText Text(object? value, string fallback) => IsMissing(value) ? MarkedText.FromTemplate(fallback) : Text(value);

    public MarkedText Text(object? value) => value as MarkedText ?? throw Context.Fail($"{Callee} needs a string, not {Describe.Kind(value)}");

    public long Integer(object? value, long fallback) => IsMissing(value) ? fallback : Integer(value);

    public long Integer(object? value) => value switch
    {
        long number => number,
        bool flag => flag ? 1 : 0,
        _ => throw Context.Fail($"{Callee} needs an integer, not {Describe.Kind(value)}"),
    };

    public static bool Flag(object? value, bool fallback) => IsMissing(value) ? fallback : Operators.IsTrue(value);
}
