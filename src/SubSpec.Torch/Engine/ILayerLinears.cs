namespace SubSpec.Torch.Engine;

/// <summary>
/// The seven linears of one layer, in the order of their use. Low-bit substitutes and full weights are types behind this, so a
/// layer's forward never asks which it has. All pointers are fp32 rows.
/// </summary>
internal unsafe interface ILayerLinears
{
    /// <summary>True when the inputs of q, k and v are to be rounded to bf16 first: bf16 weights, as the model was made to run.</summary>
    bool RoundsQueryKeyValue { get; }

    /// <summary>The same for the output projection.</summary>
    bool RoundsOutput { get; }

    /// <summary>The same for gate and up.</summary>
    bool RoundsGateUp { get; }

    /// <summary>The same for the down projection.</summary>
    bool RoundsDown { get; }

    /// <summary>q, k, v = x W^T + b, with x [rows, hidden].</summary>
    void QueryKeyValue(float* x, float* q, float* k, float* v, int rows);

    /// <summary>residual += attended W_o^T + b.</summary>
    void AddOutput(float* attended, float* residual, int rows);

    /// <summary>gate, up = x W^T + b, with x [rows, hidden].</summary>
    void GateUp(float* x, float* gate, float* up, int rows);

    /// <summary>residual += activated W_down^T + b, with activated [rows, intermediate].</summary>
    void AddDown(float* activated, float* residual, int rows);
}
