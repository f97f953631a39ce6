namespace SubSpec.GrowModel;

/// <summary>How a tensor [rows, columns] of the enlarged model comes from one of the source; vectors are one row.</summary>
/// <param name="RowCopies">The source's rows this many times over: copy 0 of all rows, then copy 1, ...</param>
/// <param name="ColumnCopies">The source's columns this many times over, in the same order.</param>
internal sealed record GrownTensor(string Name, string Source, int RowCopies, int ColumnCopies, GrownColumns Columns);

/// <summary>What the copies of a column hold.</summary>
internal enum GrownColumns
{
    /// <summary>The same value each: units that are copies of each other.</summary>
    Repeated,

    /// <summary>Parts that add up to the value: weights that read copied units.</summary>
    Split,

    /// <summary>Equal parts that add up to the value.</summary>
    SplitEvenly,

    /// <summary>Parts as large as those of <see cref="Split"/> that add up to zero: output weights of an added layer.</summary>
    Cancelled,
}
