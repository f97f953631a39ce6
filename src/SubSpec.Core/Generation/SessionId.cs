namespace SubSpec.Core.Generation;

/// <summary>Names a conversation within its scope: its requests run one after the other.</summary>
public readonly record struct SessionId(string Value)
{
    /// <summary>An id that nobody else has.</summary>
    public static SessionId New() => new(Guid.NewGuid().ToString("N"));

    public override string ToString() => Value;
}
