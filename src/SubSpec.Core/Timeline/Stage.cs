namespace SubSpec.Core.Timeline;

/// <summary>What a stretch of time was spent on.</summary>
public enum Stage
{
    /// <summary>The target works on prompt rows alone.</summary>
    Prefill,

    /// <summary>The draft grows trees.</summary>
    Draft,

    /// <summary>The link brings a layer.</summary>
    Stream,

    /// <summary>The target works on a pass that holds a tree, or the root alone.</summary>
    Verify,

    /// <summary>Head, acceptance walks, and the accepted paths moved to their positions.</summary>
    Accept,

    /// <summary>A sequence takes over its tokens.</summary>
    Commit,

    /// <summary>A prompt becomes tokens.</summary>
    Encode,

    /// <summary>Tokens become text.</summary>
    Detokenize,
}
