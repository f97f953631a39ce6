namespace SubSpec.Text.Templates.Values;

/// <summary>A name or member that does not exist: false in conditions, empty in output, an error in anything else.</summary>
internal sealed record Undefined(string Name);
