using System.Runtime.Intrinsics;

namespace SubSpec.Torch.Quantization;

/// <summary>
/// Activations as the low-bit kernels read them: a block a row and group of 64 inputs, x ~ scale * code with signed 8-bit codes
/// (symmetric), stored as 64 codes, the scale and the sum of the codes (for the weights' zero-point), both fp32. The order is
/// [row / 4][group][row % 4], so that a kernel reaches the four rows of a bundle through one pointer.
/// </summary>
internal static unsafe class ActivationBlocks
{
    /// <summary>Bytes of a block.</summary>
    public const int BlockBytes = QuantizedMatrix.Group + (2 * sizeof(float));

    public const int ScaleAt = QuantizedMatrix.Group;

    public const int SumAt = ScaleAt + sizeof(float);

    /// <summary>Rows that share a bundle.</summary>
    public const int BundleRows = 4;

    /// <summary>Bytes of one group of a bundle.</summary>
    public const int BundleBytes = BundleRows * BlockBytes;

    /// <summary>Bytes of <paramref name="rows"/> rows of activations, the last bundle padded.</summary>
    public static long BytesOf(int rows, int inFeatures) =>
        (long)((rows + BundleRows - 1) / BundleRows) * QuantizedMatrix.GroupsOf(inFeatures) * BundleBytes;

    /// <summary>First block of a row; the row's next group is <see cref="BundleBytes"/> further.</summary>
    public static byte* RowAt(byte* blocks, int row, int inFeatures) =>
        blocks + BytesOf(row / BundleRows * BundleRows, inFeatures) + (row % BundleRows * BlockBytes);

    /// <summary>Quantizes one row.</summary>
    /// <param name="x">[in], fp32.</param>
    /// <param name="blocks">The row's first block; inputs beyond <paramref name="inFeatures"/> become zero.</param>
    public static void QuantizeRow(float* x, int inFeatures, byte* blocks)
    {
        int whole = inFeatures / QuantizedMatrix.Group;
        for (int group = 0; group < whole; group++)
            QuantizeBlock(x + (group * QuantizedMatrix.Group), blocks + (group * BundleBytes));

        int rest = inFeatures - (whole * QuantizedMatrix.Group);
        if (rest == 0) return;
        float* padded = stackalloc float[QuantizedMatrix.Group];
        for (int i = 0; i < QuantizedMatrix.Group; i++) padded[i] = i < rest ? x[(whole * QuantizedMatrix.Group) + i] : 0;
        QuantizeBlock(padded, blocks + (whole * BundleBytes));
    }

    private static void QuantizeBlock(float* x, byte* block)
    {
        Vector256<float> largest = Vector256<float>.Zero;
        for (int i = 0; i < QuantizedMatrix.Group; i += 8) largest = Vector256.Max(largest, Vector256.Abs(Vector256.Load(x + i)));
        float max = Largest(largest);

        Vector256<float> inverse = Vector256.Create(max > 1e-30f ? 127 / max : 0);
        Vector256<int> sum = Vector256<int>.Zero;
        for (int i = 0; i < QuantizedMatrix.Group; i += 16)
        {
            Vector256<int> low = Round(Vector256.Load(x + i) * inverse);
            Vector256<int> high = Round(Vector256.Load(x + i + 8) * inverse);
            sum += low + high;
            Vector256<short> both = Vector256.Narrow(low, high);
            Vector128.Narrow(both.GetLower(), both.GetUpper()).Store((sbyte*)block + i);
        }
        *(float*)(block + ScaleAt) = max / 127;
        *(float*)(block + SumAt) = Vector256.Sum(sum);
    }

    private static Vector256<int> Round(Vector256<float> value) => Vector256.ConvertToInt32Native(Vector256.Round(value));

    private static float Largest(Vector256<float> values)
    {
        Vector128<float> four = Vector128.Max(values.GetLower(), values.GetUpper());
        Vector128<float> two = Vector128.Max(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 0, 1)));
        return Vector128.Max(two, Vector128.Shuffle(two, Vector128.Create(1, 0, 3, 2))).ToScalar();
    }
}
