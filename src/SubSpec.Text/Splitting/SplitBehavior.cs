namespace SubSpec.Text.Splitting;

/// <summary>What becomes of a pattern's matches (delimiters) when text is split at them; the names are those of the tokenizers library.</summary>
internal enum SplitBehavior
{
    /// <summary>They are left out.</summary>
    Removed,

    /// <summary>Each is a piece.</summary>
    Isolated,

    /// <summary>Each ends the piece before it, unless that is a match too.</summary>
    MergedWithPrevious,

    /// <summary>Each begins the piece after it, unless that is a match too.</summary>
    MergedWithNext,

    /// <summary>Those in a row are one piece.</summary>
    Contiguous,
}
