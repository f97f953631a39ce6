namespace SubSpec.Core.Text;

/// <summary>What one token did to the text of a sequence.</summary>
/// <param name="Text">Text that may now be shown; with a stop found, everything up to the stop string.</param>
/// <param name="Stop">The stop string that this token completed, or null.</param>
/// <param name="TokenIndex">This token's index among those fed, from 0. With a stop found, a sequence keeps TokenIndex + 1 tokens.</param>
public readonly record struct StopStep(string Text, string? Stop, int TokenIndex)
{
    /// <summary>Whether generation ends with this token.</summary>
    public bool Stopped => Stop is not null;
}
