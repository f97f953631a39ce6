using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops;

/// <summary>y = x / sqrt(mean(x^2) + eps) * weight, row by row in fp32 (Zhang and Sennrich 2019, equation 4).</summary>
internal sealed unsafe class RmsNorm : RowWise
{
    private float* _x;
    private float* _weight;
    private float* _y;
    private int _columns;
    private float _eps;
    private bool _round;

    /// <param name="x">[rows, columns].</param>
    /// <param name="weight">[columns].</param>
    /// <param name="y">[rows, columns]; may be <paramref name="x"/>.</param>
    /// <param name="round">Rounds the result to bf16, for a linear with bf16 weights.</param>
    public void Forward(ComputeTeam team, float* x, float* weight, float eps, float* y, int rows, int columns, bool round = false)
    {
        _x = x;
        _weight = weight;
        _y = y;
        _columns = columns;
        _eps = eps;
        _round = round;
        Start(team, rows, columns);
    }

    protected override void RunRows(int start, int end)
    {
        for (int row = start; row < end; row++)
        {
            float* x = _x + (nint)row * _columns, y = _y + (nint)row * _columns;
            Scale(x, 1 / MathF.Sqrt(SumOfSquares(x, _columns) / _columns + _eps), y);
        }
    }

    // Lane j of chain c takes the columns 32 i + 8 c + j, i ascending.
    private static float SumOfSquares(float* x, int columns)
    {
        Vector256<float> a = default, b = default, c = default, d = default;
        int i = 0;
        for (; i + 32 <= columns; i += 32)
        {
            a = Square(x + i, a);
            b = Square(x + i + 8, b);
            c = Square(x + i + 16, c);
            d = Square(x + i + 24, d);
        }
        if (i < columns)
        {
            float* tail = stackalloc float[32];
            new Span<float>(tail, 32).Clear();
            new Span<float>(x + i, columns - i).CopyTo(new Span<float>(tail, 32));
            a = Square(tail, a);
            b = Square(tail + 8, b);
            c = Square(tail + 16, c);
            d = Square(tail + 24, d);
        }
        return LaneSums.One(a + b + (c + d));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Square(float* x, Vector256<float> sum) => Vector256.FusedMultiplyAdd(Vector256.Load(x), Vector256.Load(x), sum);

    private void Scale(float* x, float scale, float* y)
    {
        int i = 0;
        for (; i + 8 <= _columns; i += 8)
        {
            Vector256<float> value = Vector256.Load(x + i) * scale * Vector256.Load(_weight + i);
            (_round ? BFloat16.Round(value) : value).Store(y + i);
        }
        for (; i < _columns; i++)
        {
            float value = x[i] * scale * _weight[i];
            y[i] = _round ? BFloat16.Round(value) : value;
        }
    }
}
