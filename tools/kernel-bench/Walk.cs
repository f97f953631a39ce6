using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

namespace SubSpec.KernelBench;

/// <summary>A walk over all substitutes of a draft, one after the other, as every draft step does it.</summary>
internal sealed unsafe class Walk : IDisposable
{
    private readonly int _rows;
    private readonly NativeBuffer _weights, _x, _y;
    private readonly QuantizedMatrix[] _matrices;
    private readonly QuantizedLinear _linear;

    /// <param name="rows">Rows of activations.</param>
    public Walk(WalkPlan plan, int rows)
    {
        int widestIn = plan.Layer.Max(s => s.In);
        _rows = rows;
        _weights = new NativeBuffer(plan.Bytes);
        // Codes are of no matter to the speed; as fp16 these bytes are small normal numbers.
        Fill(_weights.Pointer, plan.Bytes);
        _matrices = new QuantizedMatrix[plan.LayerCount * plan.Layer.Length];
        byte* at = _weights.Pointer;
        for (int i = 0; i < _matrices.Length; i++)
        {
            (int outFeatures, int inFeatures) = plan.Layer[i % plan.Layer.Length];
            _matrices[i] = new QuantizedMatrix((nint)at, plan.Bits, outFeatures, inFeatures);
            at += _matrices[i].Bytes;
        }
        _linear = new QuantizedLinear(rows, widestIn);
        _x = new NativeBuffer(4L * rows * widestIn);
        _y = new NativeBuffer(4L * rows * plan.Layer.Max(s => s.Out));
        for (int i = 0; i < rows * widestIn; i++) _x.Floats[i] = MathF.Sin(i);
    }

    /// <summary>Memory of the weights.</summary>
    public long Bytes => _weights.Bytes;

    public void Run(ComputeTeam team)
    {
        foreach (QuantizedMatrix w in _matrices) _linear.Forward(team, w, null, _x.Floats, _y.Floats, _rows);
    }

    public void Dispose()
    {
        _linear.Dispose();
        _weights.Dispose();
        _x.Dispose();
        _y.Dispose();
    }

    private static void Fill(byte* target, long bytes)
    {
        for (long i = 0; i < bytes; i += 1 << 20) new Span<byte>(target + i, (int)Math.Min(1 << 20, bytes - i)).Fill(0x2C);
    }
}
