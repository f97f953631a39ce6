using System.Collections.Immutable;

namespace SubSpec.Server.Http.Requests;

/// <summary>A parameter of a request: honoured, or known and refused. What the OpenAPI document and the README say comes from here, too.</summary>
/// <param name="Type">JSON Schema's word; several are separated by <c>|</c>.</param>
/// <param name="Meaning">What it does, or why it is refused.</param>
internal sealed record Parameter(string Name, string Type, string Meaning)
{
    /// <summary>Values (as JSON) that mean what happens anyway, and are accepted for that; null where the parameter is honoured.</summary>
    public ImmutableArray<string>? OnlyAs { get; init; }

    public bool IsHonoured => OnlyAs is null;

    /// <summary>A parameter that is refused unless it says what happens anyway.</summary>
    public static Parameter Refused(string name, string type, string why, params string[] onlyAs) => new(name, type, why) { OnlyAs = [.. onlyAs] };
}
