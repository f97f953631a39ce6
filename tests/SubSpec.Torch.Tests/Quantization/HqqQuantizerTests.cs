using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Tests.Quantization;

public sealed class HqqQuantizerTests : IDisposable
{
    private readonly ComputeTeam _team = new(2);

    [Theory]
    [InlineData(3, false)]
    [InlineData(3, true)]
    [InlineData(4, false)]
    [InlineData(4, true)]
    [InlineData(8, false)]
    [InlineData(8, true)]
    public void The_error_is_smaller_than_that_of_rounding_to_nearest(int bits, bool heavyTailed)
    {
        using TestWeight weight = heavyTailed ? TestWeight.HeavyTailed(96, 512) : TestWeight.Normal(96, 512);
        using NativeBuffer memory = weight.Quantize(_team, bits, out _, out QuantizationError error);
        double nearest = RoundToNearestError(weight.Values, 512, bits);
        Assert.InRange(error.Relative, 1e-6, nearest * (bits == 8 ? 0.999 : 0.97));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 63)]
    [InlineData(17, 65)]
    [InlineData(16, 64)]
    [InlineData(33, 200)]
    public void Any_shape_is_reproduced_within_a_step(int outFeatures, int inFeatures)
    {
        foreach (int bits in new[] { 3, 4, 8 })
        {
            using TestWeight weight = TestWeight.Normal(outFeatures, inFeatures, WeightType.Float32);
            using NativeBuffer memory = weight.Quantize(_team, bits, out QuantizedMatrix quantized, out QuantizationError error);
            float[] values = TestWeight.Dequantize(quantized);
            Assert.Equal(MeasuredError(weight.Values, values), error.Relative, 1e-5);
            float step = 2 * weight.Values.Max(MathF.Abs) / ((1 << bits) - 1);
            Assert.All(weight.Values.Zip(values), pair => Assert.InRange(MathF.Abs(pair.First - pair.Second), 0, 1.5f * step));
        }
    }

    [Theory]
    [InlineData(WeightType.BFloat16)]
    [InlineData(WeightType.Float16)]
    [InlineData(WeightType.Float32)]
    public void Every_stored_type_is_read(WeightType type)
    {
        using TestWeight weight = TestWeight.Normal(32, 100, type);
        using NativeBuffer memory = weight.Quantize(_team, 8, out QuantizedMatrix quantized, out QuantizationError error);
        Assert.Equal(MeasuredError(weight.Values, TestWeight.Dequantize(quantized)), error.Relative, 1e-5);
        Assert.InRange(error.Relative, 0, 0.01);
    }

    [Fact]
    public void The_result_does_not_depend_on_the_number_of_threads()
    {
        using TestWeight weight = TestWeight.HeavyTailed(100, 200);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out QuantizationError error);
        foreach (int threads in new[] { 1, 3 })
        {
            using var team = new ComputeTeam(threads);
            using NativeBuffer other = weight.Quantize(team, 4, out QuantizedMatrix same, out QuantizationError sameError);
            Assert.True(Bytes(quantized).SequenceEqual(Bytes(same)));
            Assert.Equal(error.SquaredError, sameError.SquaredError);
        }
    }

    [Fact]
    public void Scaling_a_weight_by_a_power_of_two_changes_no_code()
    {
        using TestWeight weight = TestWeight.Normal(16, 128, WeightType.Float32);
        using TestWeight twice = TestWeight.Of([.. weight.Values.Select(w => 2 * w)], 16, 128);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out _);
        using NativeBuffer other = twice.Quantize(_team, 4, out QuantizedMatrix doubled, out _);
        Assert.Equal(TestWeight.Dequantize(quantized).Select(w => 2 * w), TestWeight.Dequantize(doubled));
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(1f)]
    [InlineData(-0.375f)]
    public void A_constant_group_keeps_its_value(float value)
    {
        using TestWeight weight = TestWeight.Of([.. Enumerable.Repeat(value, 16 * 64)], 16, 64);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out _);
        Assert.All(TestWeight.Dequantize(quantized), w => Assert.Equal(value, w, MathF.Abs(value) / 1000));
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_weight_that_is_not_finite_is_refused(float value)
    {
        float[] values = new float[20 * 70];
        values[(19 * 70) + 69] = value;
        using TestWeight weight = TestWeight.Of(values, 20, 70);
        Assert.Throws<BadInputException>(() => weight.Quantize(_team, 4, out _, out _));
    }

    [Fact]
    public void Four_bits_take_four_and_a_half_bits_a_weight() =>
        Assert.Equal(2048L * 6144 * 9 / 16, QuantizedMatrix.BytesOf(4, 2048, 6144));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(16)]
    public void Other_bit_widths_are_refused(int bits) => Assert.Throws<BadInputException>(() => new QuantizationSettings(bits));

    public void Dispose() => _team.Dispose();

    private static unsafe ReadOnlySpan<byte> Bytes(QuantizedMatrix matrix) => new((byte*)matrix.Data, (int)matrix.Bytes);

    private static double MeasuredError(float[] exact, float[] quantized) =>
        Math.Sqrt(exact.Zip(quantized, (a, b) => Math.Pow((double)a - b, 2)).Sum() / exact.Sum(w => (double)w * w));

    // Asymmetric min-max quantization with exact scale and zero-point.
    private static double RoundToNearestError(float[] weights, int inFeatures, int bits)
    {
        Assert.Equal(0, inFeatures % 64);
        double squared = 0;
        foreach (float[] group in weights.Chunk(64))
        {
            double min = group.Min(), step = (group.Max() - min) / ((1 << bits) - 1);
            squared += group.Sum(w => Math.Pow(w - (min + (step * Math.Round((w - min) / step))), 2));
        }
        return Math.Sqrt(squared / weights.Sum(w => (double)w * w));
    }
}
