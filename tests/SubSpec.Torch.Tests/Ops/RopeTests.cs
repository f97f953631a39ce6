using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class RopeTests
{
    [Theory]
    [InlineData(64, 64)]
    [InlineData(20, 12)] // odd sizes, and dimensions that do not turn
    public void Pairs_turn_by_position_times_frequency(int headDim, int rotaryDim)
    {
        const int heads = 3, rows = 4;
        int[] positions = [0, 1, 977, 4095];
        double[] frequencies = RopeTable.InverseFrequencies(10000, rotaryDim);
        using var team = new ComputeTeam(2);
        using var table = new RopeTable(frequencies, 4096);
        using NativeBuffer x = RandomMemory.Floats(new Random(1), rows * heads * headDim);
        float[] before = RandomMemory.Copy(x.Floats, rows * heads * headDim);
        new Rope(table).Apply(team, x.Floats, rows, heads, headDim, positions);
        for (int row = 0; row < rows; row++)
        {
            for (int head = 0; head < heads; head++)
            {
                int at = (row * heads + head) * headDim, pairs = rotaryDim / 2;
                for (int i = 0; i < pairs; i++)
                {
                    double angle = positions[row] * Math.Pow(10000, -2.0 * i / rotaryDim);
                    double a = before[at + i], b = before[at + pairs + i];
                    Assert.Equal(a * Math.Cos(angle) - b * Math.Sin(angle), x.Floats[at + i], 1e-6);
                    Assert.Equal(b * Math.Cos(angle) + a * Math.Sin(angle), x.Floats[at + pairs + i], 1e-6);
                }
                for (int i = rotaryDim; i < headDim; i++) Assert.Equal(before[at + i], x.Floats[at + i]);
            }
        }
    }

    [Fact]
    public void A_row_has_the_same_bits_alone_and_in_a_batch_on_any_number_of_threads()
    {
        const int rows = 33, heads = 9, headDim = 76;
        int[] positions = [.. Enumerable.Range(0, rows).Select(i => i * 31 % 512)];
        using var table = new RopeTable(RopeTable.InverseFrequencies(1e6, headDim), 512);
        var rope = new Rope(table);
        using NativeBuffer alone = RandomMemory.Floats(new Random(2), rows * heads * headDim);
        using (var one = new ComputeTeam(1))
        {
            for (int row = 0; row < rows; row++) rope.Apply(one, alone.Floats + row * heads * headDim, 1, heads, headDim, positions.AsSpan(row, 1));
        }
        for (int threads = 1; threads <= 3; threads++)
        {
            using var team = new ComputeTeam(threads);
            using NativeBuffer batch = RandomMemory.Floats(new Random(2), rows * heads * headDim);
            rope.Apply(team, batch.Floats, rows, heads, headDim, positions);
            RandomMemory.AssertSameBits(RandomMemory.Copy(alone.Floats, rows * heads * headDim), new Span<float>(batch.Floats, rows * heads * headDim));
        }
    }

    [Fact]
    public void Positions_outside_the_table_and_heads_too_small_for_it_are_refused()
    {
        using var team = new ComputeTeam(1);
        using var table = new RopeTable(RopeTable.InverseFrequencies(10000, 8), 16, amplitude: 2);
        using NativeBuffer x = new(4096);
        var rope = new Rope(table);
        Assert.Equal(2f, table.Cosines(0)[3]);
        Assert.Throws<ArgumentOutOfRangeException>(() => rope.Apply(team, x.Floats, 1, 1, 8, [16]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rope.Apply(team, x.Floats, 1, 1, 8, [-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rope.Apply(team, x.Floats, 1, 1, 6, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => rope.Apply(team, x.Floats, 2, 1, 8, [1]));
        Assert.Throws<BadInputException>(() => new RopeTable([], 16));
    }
}
