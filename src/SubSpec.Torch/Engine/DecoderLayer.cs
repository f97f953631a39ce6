using SubSpec.Torch.Compute;
using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Ops.Attentions;

namespace SubSpec.Torch.Engine;

/// <summary>One decoder layer over the small op set: the same forward for target and draft; what differs is the type of its linears.</summary>
internal sealed unsafe class DecoderLayer(ModelConfig config, ComputeTeam team, KvPool kv, Rope rope, Attention attention)
{
    private readonly RmsNorm _norm = new();
    private readonly SwiGlu _swiGlu = new();
    private readonly float _scale = 1 / MathF.Sqrt(config.HeadDim);

    /// <summary>Takes the rows' residual stream through layer <paramref name="layer"/>, writing K and V of every row to its slot first.</summary>
    public void Forward(int layer, ILayerLinears linears, in LayerVectors vectors, RowBatch rows, Activations a)
    {
        int n = rows.Count;
        _norm.Forward(team, a.Residual, vectors.InputNorm, config.NormEpsilon, a.Normed, n, config.Hidden, linears.RoundsQueryKeyValue);
        linears.QueryKeyValue(a.Normed, a.Query, a.Key, a.Value, n);
        if (vectors.QueryNorm is not null) NormHeads(vectors, a, n);
        ReadOnlySpan<int> positions = rows.Positions.AsSpan(0, n);
        rope.Apply(team, a.Query, n, config.Heads, config.HeadDim, positions);
        rope.Apply(team, a.Key, n, config.KvHeads, config.HeadDim, positions);
        Store(layer, rows, a);
        var cache = new KvLayer((nint)kv.Keys(layer), (nint)kv.Values(layer), WeightType.BFloat16);
        attention.Forward(team, cache, a.Query, rows.Lists, _scale, a.Attended, linears.RoundsOutput);
        linears.AddOutput(a.Attended, a.Residual, n);

        _norm.Forward(team, a.Residual, vectors.PostNorm, config.NormEpsilon, a.Normed, n, config.Hidden, linears.RoundsGateUp);
        linears.GateUp(a.Normed, a.Gate, a.Up, n);
        _swiGlu.Forward(team, a.Gate, a.Up, a.Gate, n, config.Intermediate, linears.RoundsDown);
        linears.AddDown(a.Gate, a.Residual, n);
    }

    private void NormHeads(in LayerVectors vectors, Activations a, int rows)
    {
        _norm.Forward(team, a.Query, vectors.QueryNorm, config.NormEpsilon, a.Query, rows * config.Heads, config.HeadDim);
        _norm.Forward(team, a.Key, vectors.KeyNorm, config.NormEpsilon, a.Key, rows * config.KvHeads, config.HeadDim);
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
