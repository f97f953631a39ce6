using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>The linears of a layer with its low-bit substitutes. For the draft only: activations are quantized on the way.</summary>
internal sealed unsafe class SubstituteLinears(ComputeTeam team, QuantizedLinear linear, ModelConfig config, NativeBuffer sum) : ILayerLinears
{
    private readonly QuantizedMatrix[] _weights = new QuantizedMatrix[7];
    private LayerVectors _vectors;

    /// <summary>Points at a layer's substitutes, in the order of <see cref="LayerTensors.Linears"/>.</summary>
    public void Use(ReadOnlySpan<QuantizedMatrix> weights, LayerVectors vectors)
    {
        weights.CopyTo(_weights);
        _vectors = vectors;
    }

    public bool RoundsQueryKeyValue => false;

    public bool RoundsOutput => false;

    public bool RoundsGateUp => false;

    public bool RoundsDown => false;

    public void QueryKeyValue(float* x, float* q, float* k, float* v, int rows) =>
        linear.ForwardMany(team, [new(_weights[0], _vectors.QueryBias, q), new(_weights[1], _vectors.KeyBias, k), new(_weights[2], _vectors.ValueBias, v)], x, rows);

    public void AddOutput(float* attended, float* residual, int rows) => Add(_weights[3], _vectors.OutputBias, attended, residual, rows);

    public void GateUp(float* x, float* gate, float* up, int rows) =>
        linear.ForwardMany(team, [new(_weights[4], _vectors.GateBias, gate), new(_weights[5], _vectors.UpBias, up)], x, rows);

    public void AddDown(float* activated, float* residual, int rows) => Add(_weights[6], _vectors.DownBias, activated, residual, rows);

    private void Add(in QuantizedMatrix weight, float* bias, float* x, float* residual, int rows)
    {
        linear.Forward(team, weight, bias, x, sum.Floats, rows);
        Residual.Add(residual, sum.Floats, (long)rows * config.Hidden);
    }
}
