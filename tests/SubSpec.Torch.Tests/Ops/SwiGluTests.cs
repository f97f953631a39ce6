using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class SwiGluTests
{
    [Fact]
    public void Elements_match_double_precision()
    {
        const int rows = 5, columns = 333;
        using var team = new ComputeTeam(2);
        using NativeBuffer gate = RandomMemory.Floats(new Random(1), rows * columns, 20), up = RandomMemory.Floats(new Random(2), rows * columns), y = new(rows * columns * 4);
        new SwiGlu().Forward(team, gate.Floats, up.Floats, y.Floats, rows, columns);
        for (int i = 0; i < rows * columns; i++)
        {
            double expected = gate.Floats[i] / (1 + Math.Exp(-(double)gate.Floats[i])) * up.Floats[i];
            Assert.Equal(expected, y.Floats[i], 1e-6 * Math.Abs(expected) + 1e-30);
        }
    }

    [Fact]
    public void An_element_has_the_same_bits_in_a_vector_and_in_a_tail_on_any_number_of_threads()
    {
        const int rows = 41, columns = 403;
        using NativeBuffer gate = RandomMemory.Floats(new Random(3), rows * columns, 4), up = RandomMemory.Floats(new Random(4), rows * columns);
        using NativeBuffer alone = new(rows * columns * 4), batch = new(rows * columns * 4);
        var swiGlu = new SwiGlu();
        using (var one = new ComputeTeam(1))
        {
            for (int i = 0; i < rows * columns; i++) swiGlu.Forward(one, gate.Floats + i, up.Floats + i, alone.Floats + i, 1, 1, round: true);
        }
        for (int threads = 1; threads <= 3; threads++)
        {
            using var team = new ComputeTeam(threads);
            swiGlu.Forward(team, gate.Floats, up.Floats, batch.Floats, rows, columns, round: true);
            RandomMemory.AssertSameBits(RandomMemory.Copy(alone.Floats, rows * columns), new Span<float>(batch.Floats, rows * columns));
        }
    }
}
