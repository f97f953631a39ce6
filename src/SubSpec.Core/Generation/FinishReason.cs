namespace SubSpec.Core.Generation;

/// <summary>Why a generation has ended.</summary>
public enum FinishReason
{
    /// <summary>An end-of-text token or a stop string.</summary>
    Stop,

    /// <summary>The token limit or the context's end.</summary>
    Length,

    /// <summary>Cancelled by its client.</summary>
    Cancelled,
}
