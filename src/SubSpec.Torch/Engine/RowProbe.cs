using SubSpec.Core;
using SubSpec.Core.Kv;
using SubSpec.Core.Sampling;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The start-up probe of lossless decoding: one whole layer of the loaded model over many row counts, with the weights, threads and
/// alignment in force. A row's result must have the same bits alone and in any batch.
/// </summary>
internal static unsafe class RowProbe
{
    private const int MostContextSlots = 16;

    /// <summary>Row counts that are tried, those of the passes to come among them.</summary>
    public static int[] RowCounts(int passRows) => [.. new[] { 1, 2, 3, 5, 17, 64, 257, passRows }.Where(n => n <= passRows).Distinct()];

    /// <summary>Native memory of a probe.</summary>
    public static long BytesFor(ModelConfig config, int passRows) =>
        NativeBuffer.Rounded(KvPool.BytesFor(1, MostContextSlots + passRows, config.KvHeads, config.HeadDim)) +
        NativeBuffer.Rounded(sizeof(float) * (long)passRows * config.Hidden);

    /// <summary>True when every row of every batch has the bits that it has alone.</summary>
    /// <param name="linears">Those of the probed layer, its weights where a pass finds them.</param>
    /// <param name="cancel">Ends the probe between two batches.</param>
    public static bool Holds(
        ModelConfig config, EngineOptions options, EngineShape shape, ComputeTeam team, Scratch scratch, ILayerLinears linears, in LayerVectors vectors, CancellationToken cancel)
    {
        // Every row is the one tree node behind a context that all rows share.
        int context = Math.Min(MostContextSlots, shape.Context - 1), most = options.PassRows, slots = context + most;
        using var kv = new KvPool(1, slots, config.KvHeads, config.HeadDim, poison: false);
        using var inputs = new NativeBuffer(sizeof(float) * (long)most * config.Hidden);
        Fill(new Span<float>(inputs.Floats, most * config.Hidden));
        FillBf16(new Span<ushort>(kv.Keys(0), context * kv.RowElements));
        FillBf16(new Span<ushort>(kv.Values(0), context * kv.RowElements));
        var lease = new KvLease(new SequenceId(0), 1, [.. Enumerable.Range(0, context)]);
        var layer = new DecoderLayer(config, team, kv, scratch.Rope, scratch.Attention);

        var alone = new Dictionary<int, float[]>();
        foreach (int count in RowCounts(most))
        {
            cancel.ThrowIfCancellationRequested();
            Run(layer, linears, vectors, scratch, inputs, lease, Enumerable.Range(0, count), config.Hidden);
            float[][] batch = [.. Sampled(count).Select(row => Row(scratch, row, config.Hidden))];
            foreach ((int row, float[] together) in Sampled(count).Zip(batch))
            {
                if (!alone.TryGetValue(row, out float[]? expected))
                {
                    Run(layer, linears, vectors, scratch, inputs, lease, [row], config.Hidden);
                    alone[row] = expected = Row(scratch, 0, config.Hidden);
                }
                if (!expected.AsSpan().SequenceEqual(together)) return false;
            }
        }
        return true;
    }

    /// <summary>First, middle and last rows of a batch: full tiles and remainders of the kernels.</summary>
    private static IEnumerable<int> Sampled(int count) => new[] { 0, 1, 2, count / 2, count - 2, count - 1 }.Where(r => r >= 0 && r < count).Distinct();

    private static void Run(
        DecoderLayer layer, ILayerLinears linears, in LayerVectors vectors, Scratch scratch, NativeBuffer inputs, KvLease lease, IEnumerable<int> rows, int width)
    {
        RowBatch batch = scratch.TargetRows;
        batch.Clear();
        int* slots = batch.AddContext(lease);
        float* residual = scratch.TargetActivations.Residual;
        foreach (int row in rows)
        {
            new ReadOnlySpan<float>(inputs.Floats + (long)row * width, width).CopyTo(new Span<float>(residual + (long)batch.Count * width, width));
            batch.AddTreeRow(0, lease.Capacity, slots, [lease.Capacity + row], SamplingOptions.Greedy);
        }
        layer.Forward(0, linears, vectors, batch, scratch.TargetActivations);
    }

    private static float[] Row(Scratch scratch, int row, int width) =>
        new ReadOnlySpan<float>(scratch.TargetActivations.Residual + (long)row * width, width).ToArray();

    private static void Fill(Span<float> values)
    {
        var random = new Random(1);
        foreach (ref float value in values) value = (float)(random.NextDouble() * 4 - 2);
    }

    private static void FillBf16(Span<ushort> values)
    {
        var random = new Random(2);
        foreach (ref ushort value in values) value = (ushort)(BitConverter.SingleToUInt32Bits((float)(random.NextDouble() * 4 - 2)) >> 16);
    }
}
