using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>One decoder layer over the small op set: the same forward for target and draft; what differs is the type of its linears.</summary>
internal sealed unsafe class DecoderLayer(ModelConfig config, ComputeTeam team, KvPool kv, Rope rope, Attention attention)
{
    /// <summary>Takes the rows' residual stream through layer <paramref name="layer"/>, writing K and V of every row to its slot first.</summary>
    public void Forward(int layer, ILayerLinears linears, in LayerVectors vectors, RowBatch rows, Activations a)
    {
        int n = rows.Count;
        RmsNorm.Forward(a.Residual, vectors.InputNorm, config.NormEpsilon, a.Normed, n, config.Hidden);
        linears.QueryKeyValue(a.Normed, a.Query, a.Key, a.Value, n);
        ReadOnlySpan<int> positions = rows.Positions.AsSpan(0, n);
        rope.Apply(a.Query, n, config.Heads, config.HeadDim, positions);
        rope.Apply(a.Key, n, config.KvHeads, config.HeadDim, positions);
        Store(layer, rows, a);
        attention.Forward(team, a.Query, kv.Keys(layer), kv.Values(layer), rows, a.Attended);
        linears.AddOutput(a.Attended, a.Residual, n);

        RmsNorm.Forward(a.Residual, vectors.PostNorm, config.NormEpsilon, a.Normed, n, config.Hidden);
        linears.GateUp(a.Normed, a.Gate, a.Up, n);
        SwiGlu.Forward(a.Gate, a.Up, a.Gate, (long)n * config.Intermediate);
        linears.AddDown(a.Gate, a.Residual, n);
    }

    private void Store(int layer, RowBatch rows, Activations a)
    {
        int width = kv.RowElements;
        ushort* keys = kv.Keys(layer), values = kv.Values(layer);
        for (int row = 0; row < rows.Count; row++)
        {
            BFloat16.Narrow(a.Key + (long)row * width, keys + (long)rows.Slots[row] * width, width);
            BFloat16.Narrow(a.Value + (long)row * width, values + (long)rows.Slots[row] * width, width);
        }
    }
}
