using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using SubSpec.Torch.Compute;

namespace SubSpec.Torch.Ops;

/// <summary>y = silu(gate) * up, element by element (Shazeer 2020, "GLU variants").</summary>
internal sealed unsafe class SwiGlu : RowWise
{
    private float* _gate;
    private float* _up;
    private float* _y;
    private int _columns;
    private bool _round;

    /// <param name="gate">[rows, columns].</param>
    /// <param name="up">[rows, columns].</param>
    /// <param name="y">[rows, columns]; may be one of the others.</param>
    /// <param name="round">Rounds the result to bf16, for a linear with bf16 weights.</param>
    public void Forward(ComputeTeam team, float* gate, float* up, float* y, int rows, int columns, bool round = false)
    {
        _gate = gate;
        _up = up;
        _y = y;
        _columns = columns;
        _round = round;
        Start(team, rows, columns);
    }

    protected override void RunRows(int start, int end)
    {
        nint i = (nint)start * _columns, to = (nint)end * _columns;
        for (; i + 8 <= to; i += 8) Element(_gate + i, _up + i, _y + i);
        int rest = (int)(to - i);
        if (rest == 0) return;
        // The tail goes through the same vector code: a scalar exp would give other bits.
        float* tail = stackalloc float[16];
        new Span<float>(tail, 16).Clear();
        new Span<float>(_gate + i, rest).CopyTo(new Span<float>(tail, 8));
        new Span<float>(_up + i, rest).CopyTo(new Span<float>(tail + 8, 8));
        Element(tail, tail + 8, tail);
        new Span<float>(tail, rest).CopyTo(new Span<float>(_y + i, rest));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Element(float* gate, float* up, float* y)
    {
        Vector256<float> value = VectorMath.Silu(Vector256.Load(gate)) * Vector256.Load(up);
        (_round ? BFloat16.Round(value) : value).Store(y);
    }
}
