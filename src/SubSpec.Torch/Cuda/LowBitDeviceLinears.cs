using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Cuda;

/// <summary>The linears with a layer's substitutes. For the draft only.</summary>
/// <param name="weights">In the order of their use.</param>
internal sealed class LowBitDeviceLinears(TorchOps ops, LowBitWeights[] weights, DeviceVectors vectors) : IDeviceLinears
{
    public void QueryKeyValue(RowBuffers rows)
    {
        Write(rows.Query, rows, rows.PaddedInput, weights[0], vectors.QueryBias);
        Write(rows.Key, rows, rows.PaddedInput, weights[1], vectors.KeyBias);
        Write(rows.Value, rows, rows.PaddedInput, weights[2], vectors.ValueBias);
    }

    public Tensor Output(RowBuffers rows) => Product(rows, rows.PaddedAttended, weights[3], vectors.OutputBias);

    public void GateUp(RowBuffers rows)
    {
        Write(rows.Gate, rows, rows.PaddedInput, weights[4], vectors.GateBias);
        Write(rows.Up, rows, rows.PaddedInput, weights[5], vectors.UpBias);
    }

    public Tensor Down(RowBuffers rows) => Product(rows, rows.PaddedGate, weights[6], vectors.DownBias);

    private void Write(Tensor to, RowBuffers rows, Tensor x, LowBitWeights weight, Tensor? bias)
    {
        using Tensor product = Product(rows, x, weight, bias);
        ops.Api.Copy(to, product);
    }

    private Tensor Product(RowBuffers rows, Tensor x, LowBitWeights weight, Tensor? bias)
    {
        Tensor product = ops.LowBitProduct(x, weight.Packed, QuantizedMatrix.Group, weight.Scales);
        int padded = LowBitWeights.PaddedOut(weight.Out);
        if (bias is null && padded == weight.Out) return product;
        using (product)
        {
            Tensor exact = ops.Api.View(product.Data, TorchDtype.BFloat16, [rows.Rows, weight.Out], [padded, 1]);
            using (exact) return bias is null ? ops.Clone(exact) : ops.Api.Add(exact, bias);
        }
    }
}
