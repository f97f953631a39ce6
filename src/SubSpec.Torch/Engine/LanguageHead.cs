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
    private readonly float* _finalNorm;
    private readonly IHeadProduct _product;
    private readonly RmsNorm _norm = new();
    private readonly NativeBuffer _normed;
    private readonly NativeBuffer _logits;

    /// <param name="finalNorm">fp32 [hidden].</param>
    /// <param name="normed">Scratch [maxRows, hidden], fp32; somebody else's.</param>
    /// <param name="logits">Scratch [maxRows, vocabulary], fp32; somebody else's.</param>
    public LanguageHead(ModelConfig config, ComputeTeam team, float* finalNorm, IHeadProduct product, NativeBuffer normed, NativeBuffer logits)
    {
        _finalNorm = finalNorm;
        (_config, _team, _product) = (config, team, product);
        (_normed, _logits) = (normed, logits);
    }

    /// <summary>Rows of one call at most.</summary>
    public int MaxRows => _product.MaxRows;

    /// <summary>Computes the logits of rows of the residual stream [rows, hidden]; they stay valid until the next call.</summary>
    public void Forward(float* residual, int rows)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows, MaxRows);
        _norm.Forward(_team, residual, _finalNorm, _config.NormEpsilon, _normed.Floats, rows, _config.Hidden, _product.Rounds);
        _product.Forward(_normed.Floats, _logits.Floats, rows);
    }

    /// <summary>Logits [vocabulary] of one row of the last call.</summary>
    public ReadOnlySpan<float> Logits(int row)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, MaxRows);
        return new ReadOnlySpan<float>(_logits.Floats + (long)row * _config.Vocabulary, _config.Vocabulary);
    }
}
