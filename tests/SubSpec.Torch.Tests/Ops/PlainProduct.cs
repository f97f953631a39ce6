using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Tests.Ops;

/// <summary>y = x W^T + bias in double precision, one product at a time.</summary>
internal static unsafe class PlainProduct
{
    /// <summary>Every element of y is <paramref name="times"/> the product within 1e-6 of the sizes that it sums.</summary>
    public static void Check(WeightMatrix w, float* bias, float* x, float* y, int rows, int times)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < w.Out; o++)
            {
                double sum = bias is null ? 0 : bias[o], size = Math.Abs(sum);
                for (int k = 0; k < w.In; k++)
                {
                    double product = x[row * w.In + k] * RandomMemory.Value((byte*)w.Data, w.Type, (long)o * w.In + k);
                    sum += product;
                    size += Math.Abs(product);
                }
                Assert.Equal(times * sum, y[row * w.Out + o], 1e-6 * (size + 1));
            }
        }
    }
}
