namespace SubSpec.Text.Templates.Evaluation;

/// <summary>The variables of a template, a loop's iteration or a macro's call; what it lacks is looked up in the one around it.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, object?> _variables = [];

    public void Set(string name, object? value) => _variables[name] = value;

    public bool TryGet(string name, out object? value)
    {
        for (Scope? scope = this; scope is not null; scope = scope.Parent)
        {
            if (scope._variables.TryGetValue(name, out value)) return true;
        }

        value = null;
        return false;
    }

    private Scope? Parent { get; } = parent;
}
