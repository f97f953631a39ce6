using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Tests.Ops;

/// <summary>Native memory full of seeded random numbers, and copies of it for comparison.</summary>
internal static unsafe class RandomMemory
{
    /// <summary>Numbers of a standard normal distribution.</summary>
    public static NativeBuffer Floats(Random random, int count, double scale = 1)
    {
        var buffer = new NativeBuffer((long)count * sizeof(float));
        for (int i = 0; i < count; i++) buffer.Floats[i] = (float)(scale * Normal(random));
        return buffer;
    }

    /// <summary>Weights of a type, from an address that is aligned to <paramref name="offset"/> bytes only.</summary>
    public static NativeBuffer Weights(Random random, WeightType type, int count, int offset = 0)
    {
        var buffer = new NativeBuffer((long)count * sizeof(float) + offset);
        byte* data = buffer.Pointer + offset;
        for (int i = 0; i < count; i++)
        {
            float value = (float)(0.1 * Normal(random));
            if (type == WeightType.Float32) ((float*)data)[i] = value;
            else if (type == WeightType.Float16) ((Half*)data)[i] = (Half)value;
            else ((ushort*)data)[i] = (ushort)(BitConverter.SingleToUInt32Bits(value) >> 16);
        }
        return buffer;
    }

    /// <summary>Element <paramref name="index"/> of weights of that type.</summary>
    public static double Value(byte* weights, WeightType type, long index) => type switch
    {
        WeightType.Float32 => ((float*)weights)[index],
        WeightType.Float16 => (double)((Half*)weights)[index],
        _ => BitConverter.UInt32BitsToSingle((uint)((ushort*)weights)[index] << 16),
    };

    public static float[] Copy(float* from, int count) => new Span<float>(from, count).ToArray();

    /// <summary>The same bits: unlike equality of floats, it tells 0 from -0 and accepts NaN.</summary>
    public static void AssertSameBits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual) =>
        Assert.Equal(expected.ToArray().Select(BitConverter.SingleToUInt32Bits), actual.ToArray().Select(BitConverter.SingleToUInt32Bits));

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
