using SubSpec.Torch.Engine;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Cuda;

/// <summary>The sizes of a model's rows on a device.</summary>
internal sealed class DeviceShape(ModelConfig config)
{
    // Low-bit products take whole groups of inputs, so rows that meet them are padded with zeros.
    private const int InputAlignment = Quantization.QuantizedMatrix.Group;

    // Attention's masks are read in whole vectors, and few different sizes mean few different kernels.
    private const int ColumnAlignment = 64;

    public ModelConfig Config => config;

    /// <summary>Elements of a row of q, k and v together.</summary>
    public int QueryKeyValueWidth => config.QueryWidth + 2 * config.KvWidth;

    /// <summary>Heads of q and k together: those that are rotated.</summary>
    public int RotatedHeads => config.Heads + config.KvHeads;

    /// <summary>Queries that share a head of K and V.</summary>
    public int HeadsPerGroup => config.Heads / config.KvHeads;

    /// <summary>Elements of a padded row.</summary>
    public static int Padded(int width) => (width + InputAlignment - 1) / InputAlignment * InputAlignment;

    /// <summary>
    /// Rows that so many are computed as. A row's result may depend on the number of rows, on a GPU, so passes have few different ones; plain decoding
    /// and the verification of a usual tree have the same.
    /// </summary>
    /// <param name="smallest">Rows of the smallest bucket.</param>
    public static int Bucket(int rows, int smallest, int most)
    {
        int bucket = smallest;
        while (bucket < rows) bucket *= 2;
        return Math.Min(bucket, Math.Max(most, rows));
    }

    /// <summary>All that passes of at most so many rows are computed as, the smallest first.</summary>
    public static IEnumerable<int> Buckets(int smallest, int most)
    {
        int bucket = smallest;
        yield return bucket;
        while (bucket < most) yield return bucket = Bucket(bucket + 1, smallest, most);
    }

    /// <summary>Rows whose logits are computed at once. Whole chunks of the target hold whole chunks of the draft, which are smaller.</summary>
    /// <param name="smallest">Rows of the smallest bucket.</param>
    public static int HeadChunk(int smallest) => (smallest + EngineBlueprint.HeadRows - 1) / EngineBlueprint.HeadRows * EngineBlueprint.HeadRows;

    /// <summary>Columns of attention that so many are computed as.</summary>
    public static int Columns(int slots) => (slots + ColumnAlignment - 1) / ColumnAlignment * ColumnAlignment;
}
