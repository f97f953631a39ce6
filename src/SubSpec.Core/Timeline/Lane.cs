namespace SubSpec.Core.Timeline;

/// <summary>Who was at work: events of one lane are shown in one row.</summary>
public enum Lane
{
    Stream,
    Verify,
    Draft,
    Accept,
    Commit,
    Tokenizer,
}

/// <summary>Names of stages and lanes, as all outputs show them.</summary>
public static class Lanes
{
    private static readonly string[] _stages = [.. Enum.GetNames<Stage>().Select(n => n.ToLowerInvariant())];
    private static readonly string[] _lanes = [.. Enum.GetNames<Lane>().Select(n => n.ToLowerInvariant())];

    /// <summary>The lane of a stage.</summary>
    public static Lane Of(Stage stage) => stage switch
    {
        Stage.Stream => Lane.Stream,
        Stage.Prefill or Stage.Verify => Lane.Verify,
        Stage.Draft => Lane.Draft,
        Stage.Accept => Lane.Accept,
        Stage.Commit => Lane.Commit,
        Stage.Encode or Stage.Detokenize => Lane.Tokenizer,
        _ => throw new ArgumentOutOfRangeException(nameof(stage), stage, "no such stage"),
    };

    /// <summary>The lane's name.</summary>
    public static string Name(Lane lane) => _lanes[(int)lane];

    /// <summary>The stage's name.</summary>
    public static string Name(Stage stage) => _stages[(int)stage];
}
