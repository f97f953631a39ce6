using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class RmsNormTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(3, 64)]
    [InlineData(20, 1003)]
    public void Rows_match_double_precision(int rows, int columns)
    {
        using var team = new ComputeTeam(2);
        using NativeBuffer x = RandomMemory.Floats(new Random(1), rows * columns, 3), weight = RandomMemory.Floats(new Random(2), columns), y = new(rows * columns * 4);
        new RmsNorm().Forward(team, x.Floats, weight.Floats, 1e-6f, y.Floats, rows, columns);
        for (int row = 0; row < rows; row++)
        {
            double squares = 0;
            for (int i = 0; i < columns; i++) squares += (double)x.Floats[row * columns + i] * x.Floats[row * columns + i];
            double scale = 1 / Math.Sqrt(squares / columns + 1e-6);
            for (int i = 0; i < columns; i++)
            {
                double expected = x.Floats[row * columns + i] * scale * weight.Floats[i];
                Assert.Equal(expected, y.Floats[row * columns + i], 1e-6 * (Math.Abs(expected) + 1e-3));
            }
        }
    }

    [Fact]
    public void A_row_has_the_same_bits_alone_and_in_a_batch_on_any_number_of_threads()
    {
        const int rows = 37, columns = 701;
        using NativeBuffer x = RandomMemory.Floats(new Random(3), rows * columns), weight = RandomMemory.Floats(new Random(4), columns);
        using NativeBuffer alone = new(rows * columns * 4), batch = new(rows * columns * 4);
        var norm = new RmsNorm();
        using (var one = new ComputeTeam(1))
        {
            for (int row = 0; row < rows; row++)
                norm.Forward(one, x.Floats + row * columns, weight.Floats, 1e-5f, alone.Floats + row * columns, 1, columns, round: true);
        }
        for (int threads = 1; threads <= 3; threads++)
        {
            using var team = new ComputeTeam(threads);
            norm.Forward(team, x.Floats, weight.Floats, 1e-5f, batch.Floats, rows, columns, round: true);
            RandomMemory.AssertSameBits(RandomMemory.Copy(alone.Floats, rows * columns), new Span<float>(batch.Floats, rows * columns));
        }
    }

    [Fact]
    public void Rounding_is_the_rounding_of_the_exact_result_and_works_in_place()
    {
        const int rows = 2, columns = 43;
        using var team = new ComputeTeam(1);
        using NativeBuffer x = RandomMemory.Floats(new Random(5), rows * columns), weight = RandomMemory.Floats(new Random(6), columns), y = new(4096);
        new RmsNorm().Forward(team, x.Floats, weight.Floats, 1e-5f, y.Floats, rows, columns);
        BFloat16.Round(y.Floats, y.Floats, rows * columns);
        new RmsNorm().Forward(team, x.Floats, weight.Floats, 1e-5f, x.Floats, rows, columns, round: true);
        RandomMemory.AssertSameBits(RandomMemory.Copy(y.Floats, rows * columns), new Span<float>(x.Floats, rows * columns));
    }
}
