namespace SubSpec.Core.Generation;

/// <summary>Names one running generation. Two that run at once have different ids.</summary>
public readonly record struct SessionId(string Value)
{
    /// <summary>An id that nobody else has.</summary>
    public static SessionId New() => new(Guid.NewGuid().ToString("N"));

    public override string ToString() => Value;
}
