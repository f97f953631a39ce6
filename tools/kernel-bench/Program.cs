using System.Diagnostics;
using System.Globalization;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

// kernel-bench [threads] [bits]: speed of the draft's low-bit product on weights that no cache holds.
int threads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : Environment.ProcessorCount;
int bits = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 4;
using var team = new ComputeTeam(threads);
Console.WriteLine($"{threads} threads, {bits} bits; GB/s counts codes, scales and zero-points");
Console.WriteLine("     out x in    rows      us     GB/s   GFLOP/s");
foreach ((int outFeatures, int inFeatures) in new[] { (2048, 2048), (6144, 2048), (2048, 6144), (8192, 2048) })
{
    using var shape = new Shape(bits, outFeatures, inFeatures);
    foreach (int rows in new[] { 1, 2, 4, 8, 16 })
    {
        double seconds = shape.Measure(team, rows);
        double flops = 2.0 * outFeatures * inFeatures * rows;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{outFeatures,8} x {inFeatures,-6} {rows,4} {seconds * 1e6,8:F0} {shape.MatrixBytes / seconds / 1e9,8:F1} {flops / seconds / 1e9,8:F0}"));
    }
}

internal sealed unsafe class Shape : IDisposable
{
    private const long CycleBytes = 256 << 20;
    private const int MaxRows = 16;

    private readonly NativeBuffer _weights, _x, _y;
    private readonly QuantizedMatrix[] _matrices;
    private readonly QuantizedLinear _linear;

    public Shape(int bits, int outFeatures, int inFeatures)
    {
        MatrixBytes = QuantizedMatrix.BytesOf(bits, outFeatures, inFeatures);
        _matrices = new QuantizedMatrix[CycleBytes / MatrixBytes];
        _weights = new NativeBuffer(MatrixBytes * _matrices.Length);
        // Codes are of no matter to the speed; as fp16 these bytes are small normal numbers.
        new Span<byte>(_weights.Pointer, (int)(MatrixBytes * _matrices.Length)).Fill(0x2C);
        for (int i = 0; i < _matrices.Length; i++)
            _matrices[i] = new QuantizedMatrix((nint)(_weights.Pointer + (i * MatrixBytes)), bits, outFeatures, inFeatures);
        _linear = new QuantizedLinear(MaxRows, inFeatures);
        _x = new NativeBuffer(4L * MaxRows * inFeatures);
        _y = new NativeBuffer(4L * MaxRows * outFeatures);
        for (int i = 0; i < MaxRows * inFeatures; i++) _x.Floats[i] = MathF.Sin(i);
    }

    public long MatrixBytes { get; }

    /// <summary>Seconds a product: the fastest fiftieth of the calls, so that other work on the machine counts little.</summary>
    public double Measure(ComputeTeam team, int rows)
    {
        var calls = new List<double>();
        for (int walk = 0; walk < 6; walk++)
        {
            foreach (QuantizedMatrix w in _matrices)
            {
                long start = Stopwatch.GetTimestamp();
                _linear.Forward(team, w, null, _x.Floats, _y.Floats, rows);
                calls.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }
        calls.Sort();
        return calls[calls.Count / 50];
    }

    public void Dispose()
    {
        _linear.Dispose();
        _weights.Dispose();
        _x.Dispose();
        _y.Dispose();
    }
}
