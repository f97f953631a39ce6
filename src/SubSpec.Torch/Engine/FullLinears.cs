using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The linears of a layer with the weights of the checkpoint: a resident layer, or one that lies in a ring slot. Rows that meet bf16
/// weights are rounded to bf16 first, as the model was made to run; that is the only rounding.
/// </summary>
internal sealed unsafe class FullLinears(ComputeTeam team, Linear linear) : ILayerLinears
{
    private WeightMatrix _query, _key, _value, _output, _gate, _up, _down;
    private LayerVectors _vectors;

    /// <summary>Points at a layer's weights, in the order of <see cref="Models.LayerTensors.Linears"/>.</summary>
    public void Use(ReadOnlySpan<WeightMatrix> weights, LayerVectors vectors)
    {
        (_query, _key, _value, _output) = (weights[0], weights[1], weights[2], weights[3]);
        (_gate, _up, _down) = (weights[4], weights[5], weights[6]);
        _vectors = vectors;
    }

    public bool RoundsInputs => _query.Type == WeightType.BFloat16;

    public void QueryKeyValue(float* x, float* q, float* k, float* v, int rows)
    {
        linear.Forward(team, [new(_query, _vectors.Query, q), new(_key, _vectors.Key, k), new(_value, _vectors.Value, v)], x, rows);
    }

    public void AddOutput(float* attended, float* residual, int rows)
    {
        linear.ForwardAdd(team, _output, null, attended, residual, rows);
    }

    public void GateUp(float* x, float* gate, float* up, int rows)
    {
        linear.Forward(team, [new(_gate, null, gate), new(_up, null, up)], x, rows);
    }

    public void AddDown(float* activated, float* residual, int rows)
    {
        linear.ForwardAdd(team, _down, null, activated, residual, rows);
    }
}
