using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>
/// The linears of a layer with the weights of the checkpoint: a resident layer, or one that lies in a ring slot. Rows that meet bf16
/// weights are rounded to bf16 first, as the model was made to run; that is the only rounding. Inputs that meet weights of several
/// types stay as they are.
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

    public bool RoundsQueryKeyValue => IsBf16(_query) && IsBf16(_key) && IsBf16(_value);

    public bool RoundsOutput => IsBf16(_output);

    public bool RoundsGateUp => IsBf16(_gate) && IsBf16(_up);

    public bool RoundsDown => IsBf16(_down);

    public void QueryKeyValue(float* x, float* q, float* k, float* v, int rows)
    {
        linear.Forward(team, [new(_query, _vectors.QueryBias, q), new(_key, _vectors.KeyBias, k), new(_value, _vectors.ValueBias, v)], x, rows);
    }

    public void AddOutput(float* attended, float* residual, int rows)
    {
        linear.ForwardAdd(team, _output, _vectors.OutputBias, attended, residual, rows);
    }

    public void GateUp(float* x, float* gate, float* up, int rows)
    {
        linear.Forward(team, [new(_gate, _vectors.GateBias, gate), new(_up, _vectors.UpBias, up)], x, rows);
    }

    public void AddDown(float* activated, float* residual, int rows)
    {
        linear.ForwardAdd(team, _down, _vectors.DownBias, activated, residual, rows);
    }

    private static bool IsBf16(in WeightMatrix weight) => weight.Type == WeightType.BFloat16;
}
