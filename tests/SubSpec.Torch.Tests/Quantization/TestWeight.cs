using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Tests.Quantization;

/// <summary>A weight in native memory, as a checkpoint would hold it.</summary>
internal sealed unsafe class TestWeight : IDisposable
{
    private readonly NativeBuffer _data;

    private TestWeight(float[] values, int outFeatures, int inFeatures, WeightType type)
    {
        _data = new NativeBuffer((long)values.Length * sizeof(float));
        for (int i = 0; i < values.Length; i++)
        {
            if (type == WeightType.Float32) _data.Floats[i] = values[i];
            else if (type == WeightType.Float16) ((Half*)_data.Pointer)[i] = (Half)values[i];
            else ((ushort*)_data.Pointer)[i] = (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
        }
        Matrix = new WeightMatrix((nint)_data.Pointer, type, outFeatures, inFeatures);
        Values = new float[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            Values[i] = type switch
            {
                WeightType.Float32 => _data.Floats[i],
                WeightType.Float16 => (float)((Half*)_data.Pointer)[i],
                _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)_data.Pointer)[i] << 16),
            };
        }
    }

    public WeightMatrix Matrix { get; }

    /// <summary>What is stored, as fp32.</summary>
    public float[] Values { get; }

    public static TestWeight Of(float[] values, int outFeatures, int inFeatures, WeightType type = WeightType.Float32) =>
        new(values, outFeatures, inFeatures, type);

    public static TestWeight Normal(int outFeatures, int inFeatures, WeightType type = WeightType.BFloat16, int seed = 1) =>
        Of(Random(outFeatures * inFeatures, seed, heavyTailed: false), outFeatures, inFeatures, type);

    public static TestWeight HeavyTailed(int outFeatures, int inFeatures, WeightType type = WeightType.BFloat16, int seed = 1) =>
        Of(Random(outFeatures * inFeatures, seed, heavyTailed: true), outFeatures, inFeatures, type);

    /// <summary>Quantizes into memory of its own.</summary>
    public NativeBuffer Quantize(ComputeTeam team, int bits, out QuantizedMatrix quantized, out QuantizationError error)
    {
        var memory = new NativeBuffer(QuantizedMatrix.BytesOf(bits, Matrix.Out, Matrix.In));
        quantized = new QuantizedMatrix((nint)memory.Pointer, bits, Matrix.Out, Matrix.In);
        error = HqqQuantizer.Quantize(team, Matrix, quantized);
        return memory;
    }

    public static float[] Dequantize(QuantizedMatrix matrix)
    {
        var values = new float[matrix.Out * matrix.In];
        fixed (float* target = values) matrix.Dequantize(target);
        return values;
    }

    public void Dispose() => _data.Dispose();

    private static float[] Random(int count, int seed, bool heavyTailed)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < count; i++)
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            // Student's t with few degrees of freedom: most weights are small, some are twenty times as large.
            values[i] = (float)(0.02 * (heavyTailed ? normal / Math.Sqrt(0.05 + random.NextDouble()) : normal));
        }
        return values;
    }
}
