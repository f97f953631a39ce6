using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Models;
using SubSpec.Torch.Ops;

namespace SubSpec.Torch.Engine;

/// <summary>Final norm and head: residual rows in, fp32 logits out, a few rows at a time so that the logits of a large vocabulary stay small.</summary>
internal sealed unsafe class LanguageHead
{
    private readonly ModelConfig _config;
    private readonly ComputeTeam _team;
    private readonly ResidentWeights _weights;
    private readonly Linear _linear;
    private readonly RmsNorm _norm = new();
    private readonly NativeBuffer _normed;
    private readonly NativeBuffer _logits;

    /// <param name="normed">Scratch [maxRows, hidden], fp32; somebody else's.</param>
    /// <param name="logits">Scratch [maxRows, vocabulary], fp32; somebody else's.</param>
    /// <param name="maxRows">Rows of one call at most.</param>
    public LanguageHead(
        ModelConfig config, ComputeTeam team, ResidentWeights weights, Linear linear, NativeBuffer normed, NativeBuffer logits, int maxRows)
    {
        (_config, _team, _weights, _linear, MaxRows) = (config, team, weights, linear, maxRows);
        (_normed, _logits) = (normed, logits);
    }

    public int MaxRows { get; }

    /// <summary>Computes the logits of rows of the residual stream [rows, hidden]; they stay valid until the next call.</summary>
    public void Forward(float* residual, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        bool round = _weights.Head.Type == WeightType.BFloat16;
        _norm.Forward(_team, residual, _weights.FinalNorm, _config.NormEpsilon, _normed.Floats, rows, _config.Hidden, round);
        _linear.Forward(_team, _weights.Head, null, _normed.Floats, _logits.Floats, rows);
    }

    /// <summary>Logits [vocabulary] of one row of the last call.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, MaxRows);
        return new ReadOnlySpan<float>(_logits.Floats + (long)row * _config.Vocabulary, _config.Vocabulary);
    }
}
