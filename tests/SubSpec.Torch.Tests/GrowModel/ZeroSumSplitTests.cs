using SubSpec.GrowModel;
using SubSpec.Torch.Tests.Reference;

namespace SubSpec.Torch.Tests.GrowModel;

public class ZeroSumSplitTests
{
    [Theory]
    [InlineData(2, 0.02f)]
    [InlineData(3, 0.02f)]
    [InlineData(8, 0.02f)]
    [InlineData(8, 0f)]
    [InlineData(1, 0.02f)]
    public void Parts_are_bf16_and_add_up_to_the_value(int copies, float deviation)
    {
        var random = new Random(copies);
        var noise = new NoiseSource(1, 2, 3);
        float[] parts = new float[copies];
        for (int i = 0; i < 5_000; i++)
        {
            float value = (float)PlainTransformer.RoundToBf16((random.NextDouble() - 0.5) * 0.1);
            ZeroSumSplit.Split(value, deviation, ref noise, parts);

            Assert.Equal(parts, Array.ConvertAll(parts, p => (float)PlainTransformer.RoundToBf16(p)));
            // Half a bf16 step of the largest part at most: what rounding to bf16 costs any weight of that size.
            Assert.InRange(Math.Abs(parts.Sum(p => (double)p) - value), 0, parts.Max(MathF.Abs) / 256);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Parts_of_nothing_cancel(int copies)
    {
        var noise = new NoiseSource(1, 0, 0);
        float[] parts = new float[copies];
        int exact = 0;
        for (int i = 0; i < 10_000; i++)
        {
            ZeroSumSplit.Split(0, 1, ref noise, parts);
            double sum = parts.Sum(p => (double)p);
            Assert.InRange(Math.Abs(sum), 0, 2e-3);
            if (sum == 0) exact++;
            Assert.Contains(parts, p => p != 0);
        }
        Assert.InRange(exact, 9_500, 10_000);
    }

    [Fact]
    public void Parts_have_the_deviation_asked_for()
    {
        var noise = new NoiseSource(7, 0, 0);
        float[] parts = new float[8];
        double squares = 0;
        for (int i = 0; i < 20_000; i++)
        {
            ZeroSumSplit.Split(0.8f, 0.5f, ref noise, parts);
            squares += parts.Sum(p => (p - 0.1) * (p - 0.1));
        }
        Assert.InRange(Math.Sqrt(squares / 160_000), 0.495, 0.505);
    }

    [Fact]
    public void Noise_differs_between_rows_tensors_and_seeds_and_repeats_otherwise()
    {
        static float First(long seed, int tensor, int row) => new NoiseSource(seed, tensor, row).Next();

        Assert.Equal(First(1, 2, 3), First(1, 2, 3));
        Assert.Equal(4, new[] { First(1, 2, 3), First(2, 2, 3), First(1, 3, 3), First(1, 2, 4) }.Distinct().Count());
    }
}
