using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Ops;

/// <summary>The residual stream's addition.</summary>
internal static unsafe class Residual
{
    /// <summary>y += x, <paramref name="count"/> elements.</summary>
    public static void Add(float* y, float* x, long count)
    {
        long i = 0;
        for (; i + 8 <= count; i += 8) (Vector256.Load(y + i) + Vector256.Load(x + i)).Store(y + i);
        for (; i < count; i++) y[i] += x[i];
    }
}
