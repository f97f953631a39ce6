using SubSpec.Torch.Compute;
using SubSpec.Torch.Cuda;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Quantization;
using SubSpec.Torch.Tests.Quantization;
using SubSpec.Torch.Tests.Streaming;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>Substitutes that are one product on the device against their own dequantized weights.</summary>
[Collection(nameof(ProcessWideCounters))]
public sealed unsafe class LowBitWeightsTests
{
    // The last one is packed in several slices.
    [Theory]
    [InlineData(new[] { 48, 16, 16 }, 128)]
    [InlineData(new[] { 37, 5 }, 192)]
    [InlineData(new[] { 20 }, 64)]
    [InlineData(new[] { 1100, 613 }, 2048)]
    public void The_product_is_that_of_each_substitute_side_by_side(int[] outs, int inputs)
    {
        const int rows = 3;
        using var team = new ComputeTeam(2);
        using var cuda = new FakeCuda();
        var ops = new TorchOps(CudaDevice.Simulate(cuda).Api);
        TestWeight[] sources = [.. outs.Select(o => TestWeight.Normal(o, inputs))];
        NativeBuffer[] memories = new NativeBuffer[outs.Length];
        QuantizedMatrix[] quantized = new QuantizedMatrix[outs.Length];
        for (int i = 0; i < outs.Length; i++) memories[i] = sources[i].Quantize(team, 4, out quantized[i], out _);
        int total = outs.Sum(), padded = LowBitWeights.PaddedOut(total);
        long bytes = LowBitWeights.BytesFor(total, inputs);
        using var arena = new DeviceArena(cuda, bytes + (rows * inputs * sizeof(ushort)));
        nint x = arena.Take(rows * inputs * sizeof(ushort));
        var random = new Random(4);
        for (int i = 0; i < rows * inputs; i++)
        {
            float value = (float)(random.NextDouble() - 0.5);
            BFloat16.Narrow(&value, (ushort*)x + i, 1);
        }

        using var weights = new LowBitWeights(cuda, ops, arena, quantized);
        using Tensor input = ops.Api.View(x, TorchDtype.BFloat16, [rows, inputs], [inputs, 1]);
        using Tensor product = ops.LowBitProduct(input, weights.Packed, QuantizedMatrix.Group, weights.Scales);

        Assert.Equal(arena.Bytes, arena.Used);
        Assert.Equal(arena.Bytes, cuda.DeviceBytes);
        float[] dequantized = [.. quantized.SelectMany(TestWeight.Dequantize)];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < total; o++)
            {
                double expected = 0, size = 0;
                for (int i = 0; i < inputs; i++)
                {
                    double term = Wide(((ushort*)x)[(row * inputs) + i]) * dequantized[(o * inputs) + i];
                    (expected, size) = (expected + term, size + Math.Abs(term));
                }
                // bf16 has 8 bits: of scales and zero-points, and of the result.
                Assert.Equal(expected, Wide(((ushort*)product.Data)[(row * padded) + o]), size * 0.01);
            }
        }
        foreach (NativeBuffer memory in memories) memory.Dispose();
        foreach (TestWeight source in sources) source.Dispose();
    }

    private static float Wide(ushort bits) => BitConverter.UInt32BitsToSingle((uint)bits << 16);
}
