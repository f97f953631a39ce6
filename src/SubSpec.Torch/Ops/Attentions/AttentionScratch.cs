using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>The working memory of one worker.</summary>
internal sealed unsafe class AttentionScratch
{
    /// <summary>Positions whose vectors are looked up together: their K or V of one head fits the L1 cache.</summary>
    public const int ChunkPositions = 96;

    /// <summary>Positions that are scored at once: a multiple of every kernel's own count.</summary>
    public const int TilePositions = 24;

    public AttentionScratch(AttentionShape shape, int maxQueries, int maxPositions, float* memory)
    {
        ScoreStride = Align(maxPositions);
        Scores = memory;
        Queries = Scores + (nint)maxQueries * ScoreStride;
        Packed = Queries + (nint)Align(maxQueries * shape.HeadDim);
        Accumulators = Packed + PackedFloats(shape, maxQueries);
        Totals = Accumulators + (nint)maxQueries * shape.PaddedDim;
        Sums = Totals + Align(maxQueries);
        Vectors = (byte*)(Sums + SumFloats);
        Pointers = (byte**)(Vectors + VectorFloats(shape) * sizeof(float));
    }

    /// <summary>[queries, <see cref="ScoreStride"/>]: scores, then unnormalised probabilities.</summary>
    public float* Scores { get; }

    public int ScoreStride { get; }

    /// <summary>[queries, headDim].</summary>
    public float* Queries { get; }

    /// <summary>The queries at work, as <see cref="PackedRows"/> lays them out.</summary>
    public float* Packed { get; }

    /// <summary>[queries, paddedDim], each step's even dimensions before its odd ones.</summary>
    public float* Accumulators { get; }

    /// <summary>[queries]: sums of the probabilities.</summary>
    public float* Totals { get; }

    /// <summary>[queries of a tile, positions of a tile, lanes].</summary>
    public float* Sums { get; }

    /// <summary>[positions of a chunk]: copies of vectors that end inside a step.</summary>
    public byte* Vectors { get; }

    /// <summary>[positions of a chunk, and a tile more]: where each position's vector lies.</summary>
    public byte** Pointers { get; }

    private static int SumFloats => PackedRows.TileRows * TilePositions * Lanes256.Count;

    /// <summary>Floats that an instance needs.</summary>
    public static long Floats(AttentionShape shape, int maxQueries, int maxPositions) =>
        (long)maxQueries * Align(maxPositions) + Align(maxQueries * shape.HeadDim) + PackedFloats(shape, maxQueries)
        + (long)maxQueries * shape.PaddedDim + Align(maxQueries) + SumFloats + VectorFloats(shape) + 2 * Align(ChunkPositions + TilePositions);

    private static nint PackedFloats(AttentionShape shape, int queries) =>
        (queries + PackedRows.TileRows - 1) / PackedRows.TileRows * PackedRows.TileStride(shape.HeadDim, Lanes256.Count);

    private static nint VectorFloats(AttentionShape shape) => (nint)ChunkPositions * shape.PaddedDim;

    private static int Align(int floats) => (floats + 7) / 8 * 8;
}
