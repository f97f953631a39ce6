using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Ops;

/// <summary>Rows of a table, widened to fp32 exactly.</summary>
internal static unsafe class Embedding
{
    /// <param name="table">[vocabulary, columns], of any weight type.</param>
    /// <param name="tokens">[rows], each a row of the table.</param>
    /// <param name="y">[rows, columns].</param>
    public static void Gather(in WeightMatrix table, ReadOnlySpan<int> tokens, float* y)
    {
        foreach (int token in tokens)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(token);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(token, table.Out);
            WeightRows.Widen((byte*)table.Data + (long)token * table.In * table.ElementBytes, table.Type, y, table.In);
            y += table.In;
        }
    }
}
