using System.Runtime.Intrinsics;
using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Ops;

/// <summary>
/// Rotary position embedding in the layout of Hugging Face: dimension i turns with dimension i + pairs ("rotate half").
/// Dimensions beyond the rotary ones stay as they are.
/// </summary>
internal sealed unsafe class Rope(RopeTable table) : RowWise
{
    private int[] _positions = [];
    private float* _x;
    private int _heads;
    private int _headDim;

    /// <summary>Rotates in place.</summary>
    /// <param name="x">Queries or keys [rows, heads, headDim].</param>
    /// <param name="positions">[rows], each below the table's.</param>
    public void Apply(ComputeTeam team, float* x, int rows, int heads, int headDim, ReadOnlySpan<int> positions)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(positions.Length, rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(headDim, 2 * table.Pairs);
        foreach (int position in positions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(position);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(position, table.Positions);
        }
        if (_positions.Length < rows) _positions = new int[rows];
        positions.CopyTo(_positions);
        _x = x;
        _heads = heads;
        _headDim = headDim;
        Start(team, rows, heads * headDim);
    }

    protected override void RunRows(int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            float* cos = table.Cosines(_positions[row]), sin = table.Sines(_positions[row]);
            float* x = _x + (nint)row * _heads * _headDim;
            for (int head = 0; head < _heads; head++, x += _headDim) Rotate(x, x + table.Pairs, cos, sin);
        }
    }

    private void Rotate(float* first, float* second, float* cos, float* sin)
    {
        int i = 0;
        for (; i + 8 <= table.Pairs; i += 8)
        {
            Vector256<float> a = Vector256.Load(first + i), b = Vector256.Load(second + i);
            Vector256<float> c = Vector256.Load(cos + i), s = Vector256.Load(sin + i);
            (a * c - b * s).Store(first + i);
            (b * c + a * s).Store(second + i);
        }
        for (; i < table.Pairs; i++)
        {
            (float a, float b) = (first[i], second[i]);
            first[i] = a * cos[i] - b * sin[i];
            second[i] = b * cos[i] + a * sin[i];
        }
    }
}
