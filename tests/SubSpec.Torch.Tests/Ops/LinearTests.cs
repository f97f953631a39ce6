using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Tests.Ops;

public unsafe class LinearTests
{
    private const int MaxRows = 140;
    private const int MaxInputs = 1100;

    public static TheoryData<WeightType, bool> Kernels => new()
    {
        { WeightType.BFloat16, false }, { WeightType.Float16, false }, { WeightType.Float32, false },
        { WeightType.BFloat16, true }, { WeightType.Float16, true }, { WeightType.Float32, true },
    };

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Products_match_double_precision_for_any_shape(WeightType type, bool wide)
    {
        var random = new Random(1);
        using var team = new ComputeTeam(2);
        using Linear linear = NewLinear(2, wide);
        foreach ((int rows, int outs, int inputs) in new[] { (1, 1, 1), (1, 7, 33), (2, 5, 31), (3, 13, 64), (4, 3, 100), (5, 12, 17), (6, 25, 40), (9, 14, 530), (131, 4, 24) })
        {
            using NativeBuffer x = RandomMemory.Floats(random, rows * inputs), bias = RandomMemory.Floats(random, outs);
            using NativeBuffer w = RandomMemory.Weights(random, type, outs * inputs, offset: 2), y = new(rows * outs * 4);
            var weight = new WeightMatrix((nint)(w.Pointer + 2), type, outs, inputs);

            linear.Forward(team, weight, bias.Floats, x.Floats, y.Floats, rows);
            PlainProduct.Check(weight, bias.Floats, x.Floats, y.Floats, rows, times: 1);

            linear.ForwardAdd(team, weight, bias.Floats, x.Floats, y.Floats, rows);
            PlainProduct.Check(weight, bias.Floats, x.Floats, y.Floats, rows, times: 2);
        }
    }

    [Theory]
    [MemberData(nameof(Kernels))]
    public void A_row_has_the_same_bits_alone_and_in_any_batch_on_any_number_of_threads(WeightType type, bool wide)
    {
        var random = new Random(2);
        using ComputeTeam one = new(1), two = new(2), three = new(3);
        using Linear linear = NewLinear(3, wide);
        foreach ((int outs, int inputs) in wide ? [(15, 70)] : new[] { (29, 90), (6, 1040) })
        {
            int maxRows = wide ? 11 : 70;
            using NativeBuffer x = RandomMemory.Floats(random, maxRows * inputs), w = RandomMemory.Weights(random, type, outs * inputs);
            using NativeBuffer alone = new(maxRows * outs * 4), batch = new(maxRows * outs * 4);
            var weight = new WeightMatrix((nint)w.Pointer, type, outs, inputs);
            for (int row = 0; row < maxRows; row++) linear.Forward(one, weight, null, x.Floats + row * inputs, alone.Floats + row * outs, 1);
            float[] expected = RandomMemory.Copy(alone.Floats, maxRows * outs);
            foreach (int rows in (int[])[1, 2, 3, 4, 5, 6, 7, 8, 11, maxRows - 1, maxRows, random.Next(9, maxRows)])
            {
                foreach (ComputeTeam team in new[] { one, two, three })
                {
                    linear.Forward(team, weight, null, x.Floats, batch.Floats, rows);
                    RandomMemory.AssertSameBits(expected.AsSpan(0, rows * outs), new Span<float>(batch.Floats, rows * outs));
                }
            }
        }
    }

    [Fact]
    public void More_rows_than_a_block_give_the_same_bits_too()
    {
        var random = new Random(3);
        const int outs = 14, inputs = 48;
        using var team = new ComputeTeam(2);
        using Linear linear = NewLinear(2, wide: false);
        using NativeBuffer x = RandomMemory.Floats(random, MaxRows * inputs), w = RandomMemory.Weights(random, WeightType.BFloat16, outs * inputs);
        using NativeBuffer whole = new(MaxRows * outs * 4), parts = new(MaxRows * outs * 4);
        var weight = new WeightMatrix((nint)w.Pointer, WeightType.BFloat16, outs, inputs);
        linear.Forward(team, weight, null, x.Floats, whole.Floats, MaxRows);
        for (int row = 0; row < MaxRows; row += 2) linear.Forward(team, weight, null, x.Floats + row * inputs, parts.Floats + row * outs, 2);
        RandomMemory.AssertSameBits(RandomMemory.Copy(parts.Floats, MaxRows * outs), new Span<float>(whole.Floats, MaxRows * outs));
    }

    [Fact]
    public void Several_products_in_one_round_equal_the_products_one_by_one()
    {
        var random = new Random(4);
        const int inputs = 72, rows = 9;
        int[] outs = [40, 1, 13];
        using var team = new ComputeTeam(2);
        using Linear linear = NewLinear(2, wide: false);
        using NativeBuffer x = RandomMemory.Floats(random, rows * inputs), bias = RandomMemory.Floats(random, 40);
        using NativeBuffer together = new(rows * 54 * 4), single = new(rows * 54 * 4), w = RandomMemory.Weights(random, WeightType.Float32, 54 * inputs);
        var calls = new LinearCall[3];
        for (int i = 0, at = 0; i < 3; at += outs[i++])
        {
            var weight = new WeightMatrix((nint)(w.Pointer + at * inputs * 4), (WeightType)i, outs[i], inputs);
            calls[i] = new LinearCall(weight, bias.Floats, together.Floats + at * rows);
            linear.Forward(team, weight, bias.Floats, x.Floats, single.Floats + at * rows, rows);
        }
        linear.Forward(team, calls, x.Floats, rows);
        RandomMemory.AssertSameBits(RandomMemory.Copy(single.Floats, rows * 54), new Span<float>(together.Floats, rows * 54));
    }

    [Fact]
    public void What_lies_beside_the_weights_never_enters_a_result()
    {
        const int outs = 5, inputs = 19, rows = 3;
        using var team = new ComputeTeam(1);
        using Linear linear = NewLinear(1, wide: false);
        using NativeBuffer x = RandomMemory.Floats(new Random(5), rows * inputs), y = new(rows * outs * 4), memory = new(4096);
        new Span<byte>(memory.Pointer, 4096).Fill(0xFF); // NaN in every type
        var weight = new WeightMatrix((nint)(memory.Pointer + 1024), WeightType.BFloat16, outs, inputs);
        new Span<ushort>((void*)weight.Data, outs * inputs).Fill(0x3F80);
        linear.Forward(team, weight, null, x.Floats, y.Floats, rows);
        PlainProduct.Check(weight, null, x.Floats, y.Floats, rows, times: 1);
    }

    [Fact]
    public void Calls_beyond_what_was_reserved_are_refused()
    {
        using ComputeTeam team = new(1), larger = new(2);
        using Linear linear = NewLinear(1, wide: false);
        using NativeBuffer memory = new(4096);
        var weight = new WeightMatrix((nint)memory.Pointer, WeightType.BFloat16, 1, 8);
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward(team, weight, null, memory.Floats, memory.Floats, MaxRows + 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward(larger, weight, null, memory.Floats, memory.Floats, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward(team, weight with { In = MaxInputs + 1 }, null, memory.Floats, memory.Floats, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => linear.Forward(team, [new(weight, null, memory.Floats), new(weight with { In = 7 }, null, memory.Floats)], memory.Floats, 1));
    }

    private static Linear NewLinear(int threads, bool wide) =>
        new(threads, MaxRows, MaxInputs, wide ? LinearKernel.CreateWide() : LinearKernel.CreateNarrow(), brgemm: null);
}
