using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>The seven linears of one layer on the device, in the order of their use. Full weights and substitutes are types behind this.</summary>
internal interface IDeviceLinears
{
    /// <summary>q, k, v = x W^T + b.</summary>
    void QueryKeyValue(RowBuffers rows);

    /// <summary>attended W_o^T + b, bf16 [rows, hidden]. The caller disposes it.</summary>
    Tensor Output(RowBuffers rows);

    /// <summary>gate = silu(x W_gate^T + b) (x W_up^T + b).</summary>
    void SwiGlu(RowBuffers rows);

    /// <summary>gate W_down^T + b, bf16 [rows, hidden]. The caller disposes it.</summary>
    Tensor Down(RowBuffers rows);
}
