using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Tests.Quantization;

/// <summary>Every kernel against one plain version, on every number of rows of a draft step. Kernels are called by name, not by what the processor would choose.</summary>
public sealed unsafe class QuantizedLinearTests : IDisposable
{
    private const int MaxRows = 17;

    private readonly ComputeTeam _team = new(2);

    // The 512-bit kernel is portable code around a few instructions: it runs, slowly, wherever the 256-bit one does.
    public static TheoryData<string, int> KernelsAndBits
    {
        get
        {
            var cases = new TheoryData<string, int>();
            foreach (LowBitKernel kernel in Enum.GetValues<LowBitKernel>())
            {
                if (kernel != LowBitKernel.Scalar && !LowBitKernels.IsSupported(LowBitKernel.Avx2)) continue;
                foreach (int bits in new[] { 3, 4, 8 }) cases.Add(kernel.ToString(), bits);
            }
            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndBits))]
    public void The_product_is_that_of_the_quantized_weights_and_activations(string kernel, int bits)
    {
        foreach ((int outFeatures, int inFeatures) in new[] { (16, 64), (1, 1), (40, 192), (37, 130) })
        {
            using TestWeight weight = TestWeight.Normal(outFeatures, inFeatures);
            using NativeBuffer memory = weight.Quantize(_team, bits, out QuantizedMatrix quantized, out _);
            using var linear = new QuantizedLinear(MaxRows, inFeatures, Enum.Parse<LowBitKernel>(kernel));
            float[] dequantized = TestWeight.Dequantize(quantized), bias = Activations(outFeatures, 5);
            foreach (int rows in Enumerable.Range(1, MaxRows))
            {
                float[] x = Activations(rows * inFeatures, rows), y = Forward(linear, quantized, bias, x, rows);
                float[] expected = Plain(dequantized, bias, x, rows, outFeatures, inFeatures);
                for (int i = 0; i < y.Length; i++) Assert.Equal(expected[i], y[i], 2e-5f);
            }
        }
    }

    [Theory]
    [MemberData(nameof(KernelsAndBits))]
    public void All_kernels_agree_bit_for_bit_and_rows_do_not_depend_on_their_neighbours(string kernel, int bits)
    {
        const int Out = 50, In = 200;
        using TestWeight weight = TestWeight.HeavyTailed(Out, In);
        using NativeBuffer memory = weight.Quantize(_team, bits, out QuantizedMatrix quantized, out _);
        using var scalar = new QuantizedLinear(MaxRows, In, LowBitKernel.Scalar);
        using var linear = new QuantizedLinear(MaxRows, In, Enum.Parse<LowBitKernel>(kernel));
        float[] x = Activations(MaxRows * In, 3), bias = Activations(Out, 4);
        float[] expected = [.. Enumerable.Range(0, MaxRows).SelectMany(row => Forward(scalar, quantized, bias, x[(row * In)..((row + 1) * In)], 1))];
        foreach (int rows in Enumerable.Range(1, MaxRows))
            Assert.Equal(expected[..(rows * Out)], Forward(linear, quantized, bias, x[..(rows * In)], rows));
    }

    [Theory]
    [MemberData(nameof(KernelsAndBits))]
    public void The_largest_codes_and_activations_do_not_overflow(string kernel, int bits)
    {
        // Weights of 1 get the largest code; activations of one sign and size get 127 each.
        using TestWeight weight = TestWeight.Of([.. Enumerable.Repeat(1f, 16 * 128)], 16, 128);
        using NativeBuffer memory = weight.Quantize(_team, bits, out QuantizedMatrix quantized, out _);
        using var linear = new QuantizedLinear(4, 128, Enum.Parse<LowBitKernel>(kernel));
        foreach (float sign in new[] { 1f, -1f })
        {
            float[] y = Forward(linear, quantized, null, [.. Enumerable.Repeat(sign, 4 * 128)], 4);
            Assert.All(y, value => Assert.Equal(128 * sign, value, 0.1f));
        }
    }

    [Fact]
    public void Several_products_of_one_x_equal_single_ones()
    {
        // 37 tiles and one: the last share of two tiles has one of each product.
        const int Out = 590;
        using TestWeight first = TestWeight.Normal(Out, 96, seed: 1), second = TestWeight.Normal(7, 96, seed: 2);
        using NativeBuffer firstMemory = first.Quantize(_team, 4, out QuantizedMatrix q, out _), secondMemory = second.Quantize(_team, 8, out QuantizedMatrix k, out _);
        using var linear = new QuantizedLinear(3, 96);
        float[] x = Activations(3 * 96, 9), bias = Activations(Out, 10), yq = new float[3 * Out], yk = new float[3 * 7];
        fixed (float* px = x, pb = bias, pq = yq, pk = yk)
            linear.ForwardMany(_team, [new QuantizedProduct(q, pb, pq), new QuantizedProduct(k, null, pk)], px, 3);
        Assert.Equal(Forward(linear, q, bias, x, 3), yq);
        Assert.Equal(Forward(linear, k, null, x, 3), yk);
    }

    [Fact]
    public void The_number_of_threads_changes_nothing()
    {
        // So many activations are rounded by all threads.
        const int Out = 100, In = 520;
        using TestWeight weight = TestWeight.Normal(Out, In);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out _);
        using var linear = new QuantizedLinear(MaxRows, In);
        using var alone = new ComputeTeam(1);
        float[] x = Activations(MaxRows * In, 1), one = new float[MaxRows * Out];
        fixed (float* px = x, py = one) linear.Forward(alone, quantized, null, px, py, MaxRows);
        Assert.Equal(Forward(linear, quantized, null, x, MaxRows), one);
        float[] rowByRow = [.. x.Chunk(In).SelectMany(row => Forward(linear, quantized, null, row, 1))];
        Assert.Equal(rowByRow, one);
    }

    [Fact]
    public void A_call_allocates_nothing()
    {
        using TestWeight weight = TestWeight.Normal(32, 64);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out _), y = new(4096);
        using var linear = new QuantizedLinear(4, 64);
        float* x = stackalloc float[4 * 64];
        linear.Forward(_team, quantized, null, x, y.Floats, 4);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 100; i++) linear.Forward(_team, quantized, null, x, y.Floats, 4);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void Calls_beyond_the_buffers_are_refused()
    {
        using TestWeight weight = TestWeight.Normal(16, 64), other = TestWeight.Normal(16, 128);
        using NativeBuffer memory = weight.Quantize(_team, 4, out QuantizedMatrix quantized, out _), wide = other.Quantize(_team, 4, out QuantizedMatrix wider, out _);
        using var linear = new QuantizedLinear(2, 64);
        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(linear, quantized, null, new float[3 * 64], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => Forward(linear, wider, null, new float[128], 1));
        Assert.Throws<ArgumentException>(() => linear.ForwardMany(_team, [new(quantized, null, null), new(wider, null, null)], null, 1));
    }

    [Fact]
    public void The_chosen_kernel_runs_on_this_processor() => Assert.True(LowBitKernels.IsSupported(LowBitKernels.Best));

    public void Dispose() => _team.Dispose();

    private float[] Forward(QuantizedLinear linear, QuantizedMatrix w, float[]? bias, float[] x, int rows)
    {
        var y = new float[rows * w.Out];
        fixed (float* px = x, py = y, pb = bias) linear.Forward(_team, w, pb, px, py, rows);
        return y;
    }

    private static float[] Activations(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)((random.NextDouble() * 2) - 1))];
    }

    // y = x W^T + bias in double precision, x rounded to 8 bits a group of 64.
    private static float[] Plain(float[] w, float[] bias, float[] x, int rows, int outFeatures, int inFeatures)
    {
        var y = new float[rows * outFeatures];
        for (int row = 0; row < rows; row++)
        {
            double[] rounded = [.. x[(row * inFeatures)..((row + 1) * inFeatures)].Chunk(64).SelectMany(group =>
            {
                double step = group.Max(Math.Abs) / 127.0;
                return group.Select(v => Math.Round(v / step) * step);
            })];
            for (int o = 0; o < outFeatures; o++)
                y[(row * outFeatures) + o] = (float)(bias[o] + rounded.Select((v, i) => v * w[(o * inFeatures) + i]).Sum());
        }
        return y;
    }
}
