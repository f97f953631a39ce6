using System.Runtime.Intrinsics;
using SubSpec.Torch.Ops.Linears;

namespace SubSpec.Torch.Ops.Attentions;

/// <summary>The numerators of a softmax and their sum. Lane j of the sum takes the positions 8 i + j, i ascending, whatever they stand for.</summary>
internal static unsafe class Softmax
{
    /// <summary>Replaces scores by exp(scale * (score - largest)) and returns their sum.</summary>
    /// <param name="scores">[count], with room up to the next multiple of 8.</param>
    /// <param name="scale">Positive.</param>
    public static float Numerators(float* scores, int count, float scale)
    {
        int padded = (count + 7) / 8 * 8;
        new Span<float>(scores + count, padded - count).Fill(float.NegativeInfinity);
        Vector256<float> largest = Vector256.Load(scores);
        for (int i = 8; i < padded; i += 8) largest = Vector256.Max(largest, Vector256.Load(scores + i));
        float max = float.NegativeInfinity;
        for (int lane = 0; lane < 8; lane++) max = MathF.Max(max, largest[lane]);

        Vector256<float> sum = default, offset = Vector256.Create(max), factor = Vector256.Create(scale);
        for (int i = 0; i < padded; i += 8)
        {
            Vector256<float> p = VectorMath.Exp((Vector256.Load(scores + i) - offset) * factor);
            p.Store(scores + i);
            sum += p;
        }
        return LaneSums.One(sum);
    }
}
