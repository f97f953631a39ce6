using SubSpec.Torch.Native.Aten;
using SubSpec.Torch.Quantization;

namespace SubSpec.Torch.Cuda;

/// <summary>The linears with a layer's substitutes. For the draft only: a step has few rows, so what counts is how few calls it is made of.</summary>
/// <param name="weights">By <see cref="LowBitWeights.Together"/>: q, k and v; output; gate and up; down.</param>
internal sealed class LowBitDeviceLinears(TorchOps ops, LowBitWeights[] weights, DeviceVectors vectors) : IDeviceLinears
{
    public void QueryKeyValue(RowBuffers rows)
    {
        using Tensor memory = Product(rows.PaddedInput, weights[0]), product = Exact(memory, rows, weights[0]);
        if (vectors.QueryKeyValueBias is null)
        {
            ops.Api.Copy(rows.QueryKeyValue, product);
            return;
        }
        using Tensor sum = ops.Api.Add(product, vectors.QueryKeyValueBias);
        ops.Api.Copy(rows.QueryKeyValue, sum);
    }

    public Tensor Output(RowBuffers rows) => Sum(rows, rows.PaddedAttended, weights[1], vectors.OutputBias);

    public void SwiGlu(RowBuffers rows)
    {
        using Tensor both = Sum(rows, rows.PaddedInput, weights[2], vectors.GateUpBias);
        int width = weights[2].Out / 2;
        using Tensor gate = Columns(both, rows, 0, width, weights[2].Out), up = Columns(both, rows, width, width, weights[2].Out);
        ops.Silu(rows.Gate, gate);
        ops.Multiply(rows.Gate, rows.Gate, up);
    }

    public Tensor Down(RowBuffers rows) => Sum(rows, rows.PaddedGate, weights[3], vectors.DownBias);

    private Tensor Product(Tensor x, LowBitWeights weight) => ops.LowBitProduct(x, weight.Packed, QuantizedMatrix.Group, weight.Scales);

    /// <summary>bf16 [rows, out], contiguous.</summary>
    private Tensor Sum(RowBuffers rows, Tensor x, LowBitWeights weight, Tensor? bias)
    {
        Tensor product = Product(x, weight);
        if (bias is null && LowBitWeights.PaddedOut(weight.Out) == weight.Out) return product;
        using (product)
        using (Tensor exact = Exact(product, rows, weight)) return bias is null ? ops.Clone(exact) : ops.Api.Add(exact, bias);
    }

    /// <summary>A product without its padding, in the same memory.</summary>
    private Tensor Exact(Tensor product, RowBuffers rows, LowBitWeights weight) => Columns(product, rows, 0, weight.Out, LowBitWeights.PaddedOut(weight.Out));

    private Tensor Columns(Tensor of, RowBuffers rows, int first, int count, int stride) =>
        ops.Api.View(of.Data + first * sizeof(ushort), TorchDtype.BFloat16, [rows.Rows, count], [stride, 1]);
}
