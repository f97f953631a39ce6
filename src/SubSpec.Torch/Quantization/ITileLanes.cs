namespace SubSpec.Torch.Quantization;

/// <summary>
/// Vectors that together hold the 16 output rows of a tile, 32 bits a row: what <see cref="VectorTile{TLanes, TRows}"/> needs of a
/// processor. One type stands for bytes (four inputs of each output row), for 16-bit sums (two of each), for integers and for floats.
/// </summary>
/// <typeparam name="TSelf">The implementing type.</typeparam>
internal unsafe interface ITileLanes<TSelf>
    where TSelf : struct, ITileLanes<TSelf>
{
    /// <summary>Reads 64 bytes.</summary>
    static abstract TSelf Load(byte* source);

    /// <summary>Writes 64 bytes.</summary>
    void Store(byte* target);

    /// <summary>The low nibble of every byte.</summary>
    static abstract TSelf Low(TSelf codes);

    /// <summary>The high nibble of every byte.</summary>
    static abstract TSelf High(TSelf codes);

    /// <summary>The unsigned bytes of every output row times four signed bytes at <paramref name="x"/>, added in pairs: two 16-bit sums.</summary>
    static abstract TSelf Multiply(TSelf codes, byte* x);

    /// <summary>Adds 16-bit sums.</summary>
    static abstract TSelf AddSums(TSelf a, TSelf b);

    /// <summary>The two 16-bit sums of every output row added, times <paramref name="factor"/>: an integer.</summary>
    static abstract TSelf Widen(TSelf sums, short factor);

    /// <summary>Adds integers.</summary>
    static abstract TSelf AddIntegers(TSelf a, TSelf b);

    /// <summary>16 finite fp16 numbers as fp32.</summary>
    static abstract TSelf Floats(byte* halves);

    /// <summary>y + scale * x's scale * (dot - zero * x's sum) in two fused steps.</summary>
    /// <param name="x">A block of <see cref="ActivationBlocks"/>.</param>
    static abstract TSelf Accumulate(TSelf y, TSelf dot, TSelf scale, TSelf zero, byte* x);
}
