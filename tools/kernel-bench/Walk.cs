using System.Diagnostics;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

namespace SubSpec.KernelBench;

/// <summary>A walk over all substitutes of a draft, one after the other, as every draft step does it.</summary>
internal sealed unsafe class Walk : IDisposable
{
    public const int MaxRows = 16;

    private readonly NativeBuffer _weights, _x, _y;
    private readonly QuantizedMatrix[] _matrices;
    private readonly QuantizedLinear _linear;

    /// <param name="shapes">Shapes of the linears of a layer; layers repeat.</param>
    /// <param name="bytes">Size of all matrices, at least one layer.</param>
    public Walk(int bits, (int Out, int In)[] shapes, long bytes)
    {
        long layerBytes = shapes.Sum(s => QuantizedMatrix.BytesOf(bits, s.Out, s.In));
        int layers = (int)Math.Max(1, bytes / layerBytes), widestIn = shapes.Max(s => s.In);
        Bytes = layers * layerBytes;
        Flops = layers * shapes.Sum(s => 2.0 * s.Out * s.In);
        _weights = new NativeBuffer(Bytes);
        // Codes are of no matter to the speed; as fp16 these bytes are small normal numbers.
        Fill(_weights.Pointer, Bytes);
        _matrices = new QuantizedMatrix[layers * shapes.Length];
        byte* at = _weights.Pointer;
        for (int i = 0; i < _matrices.Length; i++)
        {
            (int outFeatures, int inFeatures) = shapes[i % shapes.Length];
            _matrices[i] = new QuantizedMatrix((nint)at, bits, outFeatures, inFeatures);
            at += _matrices[i].Bytes;
        }
        _linear = new QuantizedLinear(MaxRows, widestIn);
        _x = new NativeBuffer(4L * MaxRows * widestIn);
        _y = new NativeBuffer(4L * MaxRows * shapes.Max(s => s.Out));
        for (int i = 0; i < MaxRows * widestIn; i++) _x.Floats[i] = MathF.Sin(i);
    }

    public int Products => _matrices.Length;

    public long Bytes { get; }

    /// <summary>Operations of a walk with one row.</summary>
    public double Flops { get; }

    /// <summary>Seconds of one walk.</summary>
    public double Measure(ComputeTeam team, int rows)
    {
        long start = Stopwatch.GetTimestamp();
        foreach (QuantizedMatrix w in _matrices) _linear.Forward(team, w, null, _x.Floats, _y.Floats, rows);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
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
