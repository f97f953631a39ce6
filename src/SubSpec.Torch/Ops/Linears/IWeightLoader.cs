namespace SubSpec.Torch.Ops.Linears;

/// <summary>
/// Loads weights as fp32, exactly. A step is 2 L weights: splitting it into even and odd positions (instead of lower and upper
/// half) makes a bf16 step cost one shift and one mask.
/// </summary>
internal unsafe interface IWeightLoader<V>
    where V : unmanaged
{
    static abstract int ElementBytes { get; }

    /// <summary>The weights at the even positions of the step at <paramref name="step"/>, which need not be aligned.</summary>
    static abstract V Even(byte* step);

    /// <summary>The weights at the odd positions of the step at <paramref name="step"/>.</summary>
    static abstract V Odd(byte* step);
}
