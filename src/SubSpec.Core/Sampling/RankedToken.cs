namespace SubSpec.Core.Sampling;

/// <summary>A token and its perturbed value: the greater, the sooner chosen.</summary>
public readonly record struct RankedToken(int Token, double Value)
{
    /// <summary>Higher values first, ties to the lower id.</summary>
    public bool Beats(RankedToken other) => Value > other.Value || (Value == other.Value && Token < other.Token);
}
