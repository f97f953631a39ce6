using System.Runtime.InteropServices;
using SubSpec.Torch.Memory;

namespace SubSpec.GrowModel;

/// <summary>Makes the rows of one enlarged tensor.</summary>
internal sealed unsafe class TensorGrower : IDisposable
{
    private readonly GrownTensor _tensor;
    private readonly TensorInfo _info;
    private readonly NativeBuffer _source;
    private readonly int _index;
    private readonly double _noise;
    private readonly long _seed;

    /// <param name="index">Its place in the file: each tensor has noise of its own.</param>
    public TensorGrower(GrownTensor tensor, ITensorSource source, int index, double noise, long seed)
    {
        _tensor = tensor;
        _info = source.Find(tensor.Source);
        (_index, _noise, _seed) = (index, noise, seed);
        SourceRows = _info.Shape.Count == 2 ? _info.Shape[0] : 1;
        SourceColumns = _info.Shape[^1];
        _source = new NativeBuffer(_info.Bytes);
        source.Read(_info, _source.Pointer);
    }

    public int Rows => SourceRows * _tensor.RowCopies;

    public int Columns => SourceColumns * _tensor.ColumnCopies;

    private int SourceRows { get; }

    private int SourceColumns { get; }

    public void Dispose() => _source.Dispose();

    /// <summary>Fills [count, <see cref="Columns"/>] with bf16 rows from <paramref name="firstRow"/> on.</summary>
    public void Fill(Memory<byte> destination, int firstRow, int count) =>
        Parallel.For(0, count, row =>
        {
            int bytes = Columns * sizeof(ushort);
            FillRow(MemoryMarshal.Cast<byte, ushort>(destination.Span.Slice(row * bytes, bytes)), firstRow + row);
        });

    private void FillRow(Span<ushort> row, int index)
    {
        int copies = _tensor.ColumnCopies;
        long first = (long)(index % SourceRows) * SourceColumns;
        Span<float> parts = stackalloc float[copies];
        var noise = new NoiseSource(_seed, _index, index);
        float deviation = _tensor.Columns is GrownColumns.Split or GrownColumns.Cancelled ? Deviation(first) : 0;
        for (int i = 0; i < SourceColumns; i++)
        {
            float value = Value(first + i);
            if (_tensor.Columns == GrownColumns.Repeated) parts.Fill(value);
            else ZeroSumSplit.Split(_tensor.Columns == GrownColumns.Cancelled ? 0 : value, deviation, ref noise, parts);
            for (int c = 0; c < copies; c++) row[(c * SourceColumns) + i] = BFloat16.Bits(parts[c]);
        }
    }

    /// <summary>
    /// At noise 1 the parts are as large as the weights of a model that was trained this wide: root mean square of the row / sqrt(copies).
    /// Then the errors of their quantization add up to those of the source.
    /// </summary>
    private float Deviation(long first)
    {
        double squares = 0;
        for (int i = 0; i < SourceColumns; i++) squares += (double)Value(first + i) * Value(first + i);
        int copies = _tensor.ColumnCopies;
        return (float)(_noise * Math.Sqrt(squares / SourceColumns) * Math.Sqrt(copies - 1) / copies);
    }

    private float Value(long element) => _info.Type switch
    {
        WeightType.BFloat16 => BFloat16.Value(((ushort*)_source.Pointer)[element]),
        WeightType.Float16 => (float)((Half*)_source.Pointer)[element],
        _ => _source.Floats[element],
    };
}
