namespace SubSpec.Torch.Quantization;

/// <summary>A number of rows as a type, so that <see cref="VectorTile{TLanes, TRows}"/> is compiled for each on its own.</summary>
internal interface IRowCount
{
    static abstract int Count { get; }
}

internal readonly struct OneRow : IRowCount
{
    public static int Count => 1;
}

internal readonly struct TwoRows : IRowCount
{
    public static int Count => 2;
}

internal readonly struct FourRows : IRowCount
{
    public static int Count => 4;
}
