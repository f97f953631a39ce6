using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Native;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Tests.Ops;

/// <summary>Linears on the processor's bf16 units.</summary>
public unsafe class BrgemmTests
{
    private const int MaxRows = 150;
    private const int MaxInputs = 4160;

    // Depths of one, two and three blocks; outputs of whole and half blocks.
    public static TheoryData<int, int> Shapes => new() { { 16, 32 }, { 32, 64 }, { 48, 2048 }, { 80, 2080 }, { 16, 4160 }, { 208, 352 } };

    [Bf16Theory]
    [MemberData(nameof(Shapes))]
    public void Products_match_double_precision(int outs, int inputs)
    {
        using Linear linear = NewLinear(2);
        using var team = new ComputeTeam(2);
        var random = new Random(outs);
        foreach (int rows in new[] { 1, 2, 15, 16, 17, 40, 150 })
        {
            using NativeBuffer x = Bf16Rows(random, rows * inputs), bias = RandomMemory.Floats(random, outs);
            using NativeBuffer w = RandomMemory.Weights(random, WeightType.BFloat16, outs * inputs, offset: 2), y = new(rows * outs * 4);
            var weight = new WeightMatrix((nint)(w.Pointer + 2), WeightType.BFloat16, outs, inputs);
            linear.Forward(team, weight, bias.Floats, x.Floats, y.Floats, rows);
            PlainProduct.Check(weight, bias.Floats, x.Floats, y.Floats, rows, times: 1);
            linear.ForwardAdd(team, weight, bias.Floats, x.Floats, y.Floats, rows);
            PlainProduct.Check(weight, bias.Floats, x.Floats, y.Floats, rows, times: 2);
        }
    }

    [Bf16Theory]
    [MemberData(nameof(Shapes))]
    public void A_row_has_the_same_bits_alone_and_in_any_batch_on_any_number_of_threads(int outs, int inputs)
    {
        using Linear linear = NewLinear(3);
        using ComputeTeam one = new(1), two = new(2), three = new(3);
        var random = new Random(outs + 1);
        using NativeBuffer x = Bf16Rows(random, MaxRows * inputs), w = RandomMemory.Weights(random, WeightType.BFloat16, outs * inputs);
        using NativeBuffer alone = new(MaxRows * outs * 4), batch = new(MaxRows * outs * 4);
        var weight = new WeightMatrix((nint)w.Pointer, WeightType.BFloat16, outs, inputs);
        for (int row = 0; row < MaxRows; row++) linear.Forward(one, weight, null, x.Floats + (row * inputs), alone.Floats + (row * outs), 1);
        float[] expected = RandomMemory.Copy(alone.Floats, MaxRows * outs);
        foreach (int rows in new[] { 2, 3, 16, 17, 31, 33, 64, 128, 129, MaxRows })
        {
            foreach (ComputeTeam team in new[] { one, two, three })
            {
                linear.Forward(team, weight, null, x.Floats, batch.Floats, rows);
                RandomMemory.AssertSameBits(expected.AsSpan(0, rows * outs), new Span<float>(batch.Floats, rows * outs));
            }
        }
    }

    [Bf16Fact]
    public void What_lies_beside_rows_and_weights_never_enters_a_result()
    {
        const int outs = 48, inputs = 96, rows = 5;
        using Linear linear = NewLinear(1);
        using var team = new ComputeTeam(1);
        using NativeBuffer memory = new(1 << 16), y = new(rows * outs * 4);
        new Span<byte>(memory.Pointer, 1 << 16).Fill(0xFF); // NaN in every type
        var weight = new WeightMatrix((nint)(memory.Pointer + 4098), WeightType.BFloat16, outs, inputs);
        new Span<ushort>((void*)weight.Data, outs * inputs).Fill(0x3F80);
        float* x = (float*)(memory.Pointer + 32768);
        new Span<float>(x, rows * inputs).Fill(2);
        // Rows of a larger call before: what they left must not count as rows now.
        using NativeBuffer before = Bf16Rows(new Random(1), 16 * inputs), much = new(16 * outs * 4);
        linear.Forward(team, weight, null, before.Floats, much.Floats, 16);
        linear.Forward(team, weight, null, x, y.Floats, rows);
        Assert.All(RandomMemory.Copy(y.Floats, rows * outs), v => Assert.Equal(2 * inputs, v));
    }

    [Bf16Fact]
    public void Weights_that_do_not_fit_go_to_the_other_kernels()
    {
        var fits = new WeightMatrix(0, WeightType.BFloat16, 16, 32);
        Assert.True(BrgemmKernel.Fits(fits));
        Assert.False(BrgemmKernel.Fits(fits with { Type = WeightType.Float16 }));
        Assert.False(BrgemmKernel.Fits(fits with { Out = 24 }));
        Assert.False(BrgemmKernel.Fits(fits with { In = 48 }));

        using Linear linear = NewLinear(2);
        using var team = new ComputeTeam(2);
        var random = new Random(4);
        using NativeBuffer x = Bf16Rows(random, 20 * 48), w = RandomMemory.Weights(random, WeightType.BFloat16, 25 * 48), y = new(20 * 25 * 4);
        var weight = new WeightMatrix((nint)w.Pointer, WeightType.BFloat16, 25, 48);
        linear.Forward(team, weight, null, x.Floats, y.Floats, 20);
        PlainProduct.Check(weight, null, x.Floats, y.Floats, 20, times: 1);
    }

    [Theory]
    [InlineData(null, true)]
    [InlineData("", true)]
    [InlineData("all", true)]
    [InlineData("AVX512_CORE_BF16", true)]
    [InlineData("avx10_1_512_amx", true)]
    [InlineData("AVX512_CORE", false)]
    [InlineData("AVX512_CORE_VNNI", false)]
    [InlineData("AVX2", false)]
    [InlineData("SSE41", false)]
    [InlineData("AVX2_VNNI_2", false)]
    public void A_limit_on_instructions_is_respected(string? limit, bool left) => Assert.Equal(left, Brgemm.IsLeftBy(limit));

    private static Linear NewLinear(int threads) => new(threads, MaxRows, MaxInputs, new BrgemmKernel(Brgemm.Loaded!));

    private static NativeBuffer Bf16Rows(Random random, int count)
    {
        NativeBuffer floats = RandomMemory.Floats(random, count);
        for (int i = 0; i < count; i++) floats.Floats[i] = BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(floats.Floats[i]) & 0xFFFF0000);
        return floats;
    }
}

file static class Needs
{
    public static string? Bf16 => Brgemm.Loaded is null ? "needs a processor with bf16 dot products (AVX512_BF16), and oneDNN's leave to use them" : null;
}

/// <summary>A fact about products that libtorch has for processors with bf16 units only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Bf16FactAttribute : FactAttribute
{
    public Bf16FactAttribute() => Skip = Needs.Bf16;
}

/// <summary>A theory about products that libtorch has for processors with bf16 units only.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class Bf16TheoryAttribute : TheoryAttribute
{
    public Bf16TheoryAttribute() => Skip = Needs.Bf16;
}
