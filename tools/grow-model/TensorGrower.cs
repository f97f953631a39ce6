using System.Buffers;
using System.Runtime.Intrinsics;

namespace SubSpec.GrowModel;

/// <summary>Makes the rows of one enlarged tensor.</summary>
/// <param name="index">Its place in the file: each tensor has noise of its own.</param>
internal sealed unsafe class TensorGrower(GrownTensor tensor, SourceTensor source, int index, double noise, long seed)
{
    private readonly int _copies = tensor.ColumnCopies;

    public int Rows => source.Rows * tensor.RowCopies;

    public int Columns => source.Columns * _copies;

    public long RowBytes => sizeof(ushort) * (long)Columns;

    public long Bytes => RowBytes * Rows;

    /// <summary>Writes a piece of the payload, which is bf16 [<see cref="Rows"/>, <see cref="Columns"/>], on all processors. From several threads at once, if need be.</summary>
    /// <param name="offset">First byte of the piece.</param>
    public void Fill(byte* destination, long offset, long bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Bytes - offset);
        Parallel.For(offset / RowBytes, (offset + bytes + RowBytes - 1) / RowBytes, row =>
        {
            long start = (row * RowBytes) - offset, end = start + RowBytes;
            if (start >= 0 && end <= bytes) FillRow(new Span<ushort>(destination + start, Columns), (int)row);
            else FillPart(destination, (int)row, start, Math.Max(0, start), Math.Min(bytes, end));
        });
    }

    /// <summary>A row of which only bytes from <paramref name="first"/> to <paramref name="end"/> are wanted.</summary>
    private void FillPart(byte* destination, int row, long start, long first, long end)
    {
        ushort[] whole = ArrayPool<ushort>.Shared.Rent(Columns);
        FillRow(whole.AsSpan(0, Columns), row);
        fixed (ushort* values = whole) Buffer.MemoryCopy((byte*)values + first - start, destination + first, end - first, end - first);
        ArrayPool<ushort>.Shared.Return(whole);
    }

    private void FillRow(Span<ushort> row, int number)
    {
        int columns = source.Columns, from = number % source.Rows;
        ReadOnlySpan<float> values = source.Row(from);
        if (tensor.Columns == GrownColumns.Repeated)
        {
            for (int i = 0; i < columns; i++) row[i] = BFloat16.Bits(values[i]);
            for (int c = 1; c < _copies; c++) row[..columns].CopyTo(row[(c * columns)..]);
            return;
        }
        float deviation = tensor.Columns is GrownColumns.Split or GrownColumns.Cancelled ? Deviation(from) : 0;
        var draws = new NoiseSource(seed, index, number);
        int done = SplitInLanes(row, values, deviation, draws);
        draws.Skip((long)done * _copies);
        Span<float> parts = stackalloc float[_copies];
        for (int i = done; i < columns; i++)
        {
            ZeroSumSplit.Split(tensor.Columns == GrownColumns.Cancelled ? 0 : values[i], deviation, ref draws, parts);
            for (int c = 0; c < _copies; c++) row[(c * columns) + i] = BFloat16.Bits(parts[c]);
        }
    }

    /// <summary>As many columns as fill whole vectors; how many.</summary>
    private int SplitInLanes(Span<ushort> row, ReadOnlySpan<float> values, float deviation, NoiseSource draws)
    {
        Span<Vector256<float>> parts = stackalloc Vector256<float>[_copies];
        int columns = values.Length, done = 0;
        for (; done + SplitLanes.Count <= columns; done += SplitLanes.Count)
        {
            Vector256<float> value = tensor.Columns == GrownColumns.Cancelled ? Vector256<float>.Zero : Vector256.Create(values.Slice(done, SplitLanes.Count));
            SplitLanes.Split(value, deviation, new NoiseLanes(draws, (long)done * _copies, _copies), parts);
            for (int c = 0; c < _copies; c++) SplitLanes.Bits(parts[c]).CopyTo(row.Slice((c * columns) + done, SplitLanes.Count));
        }
        return done;
    }

    /// <summary>
    /// At noise 1 the parts are as large as the weights of a model that was trained this wide: root mean square of the row / sqrt(copies).
    /// Then the errors of their quantization add up to those of the source.
    /// </summary>
    private float Deviation(int row) => (float)(noise * source.RootMeanSquare(row) * Math.Sqrt(_copies - 1) / _copies);
}
