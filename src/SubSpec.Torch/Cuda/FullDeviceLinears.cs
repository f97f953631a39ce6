using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>The linears with the weights of the checkpoint, of a resident layer or of one that lies in a ring slot.</summary>
/// <param name="weights">[in, out] each, in the order of their use.</param>
internal sealed class FullDeviceLinears(TorchOps ops, Tensor[] weights, DeviceVectors vectors) : IDeviceLinears
{
    public void QueryKeyValue(RowBuffers rows)
    {
        Product(rows.Query, rows.Input, weights[0], vectors.QueryBias);
        Product(rows.Key, rows.Input, weights[1], vectors.KeyBias);
        Product(rows.Value, rows.Input, weights[2], vectors.ValueBias);
    }

    public Tensor Output(RowBuffers rows) => Sum(rows, rows.Attended, weights[3], vectors.OutputBias);

    public void SwiGlu(RowBuffers rows)
    {
        Product(rows.Gate, rows.Input, weights[4], vectors.GateBias);
        Product(rows.Up, rows.Input, weights[5], vectors.UpBias);
        ops.Silu(rows.Gate, rows.Gate);
        ops.Multiply(rows.Gate, rows.Gate, rows.Up);
    }

    public Tensor Down(RowBuffers rows) => Sum(rows, rows.Gate, weights[6], vectors.DownBias);

    private Tensor Sum(RowBuffers rows, Tensor x, Tensor weight, Tensor? bias)
    {
        Product(rows.Delta, x, weight, bias);
        return new Tensor(ops.Api, (nint)ops.Api.Give(rows.Delta));
    }

    private void Product(Tensor to, Tensor x, Tensor weight, Tensor? bias)
    {
        if (bias is null) ops.Api.Product(to, x, weight);
        else ops.Api.Product(to, x, weight, bias);
    }
}
