namespace SubSpec.Core;

/// <summary>One choice being generated for a session.</summary>
public readonly record struct SequenceId(long Value)
{
    public override string ToString() => $"seq{Value}";
}

/// <summary>One walk of the target through all its layers. Passes are numbered upwards from 1 for the life of an engine.</summary>
public readonly record struct PassId(long Value)
{
    public PassId Next => new(Value + 1);

    public override string ToString() => $"pass{Value}";
}

/// <summary>One call of the draft model for a group of sequences. Numbered upwards from 1 for the life of an engine.</summary>
public readonly record struct RoundId(long Value)
{
    public RoundId Next => new(Value + 1);

    public override string ToString() => $"round{Value}";
}
