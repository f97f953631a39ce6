using SubSpec.Torch.Compute;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Ops;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Engine;

/// <summary>The head's matrix. The target has the checkpoint's; the draft may have a low-bit copy, which never verifies anything.</summary>
internal unsafe interface IHeadProduct
{
    /// <summary>True when the inputs are to be rounded to bf16 first.</summary>
    bool Rounds { get; }

    /// <summary>Rows of one call at most.</summary>
    int MaxRows { get; }

    /// <summary>logits [rows, vocabulary] = x W^T, with x [rows, hidden].</summary>
    void Forward(float* x, float* logits, int rows);
}

/// <summary>The head with the weights of the checkpoint.</summary>
internal sealed unsafe class FullHead(ComputeTeam team, Linear linear, WeightMatrix weights) : IHeadProduct
{
    public bool Rounds => weights.Type == WeightType.BFloat16;

    public int MaxRows => EngineBlueprint.HeadRows;

    public void Forward(float* x, float* logits, int rows) => linear.Forward(team, weights, null, x, logits, rows);
}

/// <summary>The head with its low-bit substitute, for the draft only.</summary>
internal sealed unsafe class SubstituteHead(ComputeTeam team, QuantizedLinear linear, QuantizedMatrix weights) : IHeadProduct
{
    public bool Rounds => false;

    public int MaxRows => Math.Min(EngineBlueprint.HeadRows, linear.MaxRows);

    public void Forward(float* x, float* logits, int rows) => linear.Forward(team, weights, null, x, logits, rows);
}
