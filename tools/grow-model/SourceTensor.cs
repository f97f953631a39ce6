using SubSpec.Torch.Memory;

namespace SubSpec.GrowModel;

/// <summary>A tensor of the source, in memory as fp32 [rows, columns]; a vector is one row.</summary>
internal sealed unsafe class SourceTensor
{
    private readonly float[] _values;
    private readonly double[] _rootMeanSquares;

    public SourceTensor(ITensorSource source, string name)
    {
        TensorInfo info = source.Find(name);
        (Rows, Columns) = (info.Shape.Count == 2 ? info.Shape[0] : 1, info.Shape[^1]);
        _values = new float[(long)Rows * Columns];
        using (var raw = new NativeBuffer(info.Bytes))
        {
            source.Read(info, raw.Pointer);
            for (long i = 0; i < _values.LongLength; i++) _values[i] = Value(raw, info.Type, i);
        }
        _rootMeanSquares = [.. Enumerable.Range(0, Rows).Select(RootMeanSquareOf)];
    }

    public int Rows { get; }

    public int Columns { get; }

    public ReadOnlySpan<float> Row(int row) => _values.AsSpan(row * Columns, Columns);

    public double RootMeanSquare(int row) => _rootMeanSquares[row];

    private double RootMeanSquareOf(int row)
    {
        double squares = 0;
        foreach (float value in Row(row)) squares += (double)value * value;
        return Math.Sqrt(squares / Columns);
    }

    private static float Value(NativeBuffer raw, WeightType type, long element) => type switch
    {
        WeightType.BFloat16 => BFloat16.Value(((ushort*)raw.Pointer)[element]),
        WeightType.Float16 => (float)((Half*)raw.Pointer)[element],
        _ => raw.Floats[element],
    };
}
