using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// One decoder layer on the device: the same forward for target and draft; what differs is the type of its linears. The residual stream, norms and
/// rotations are fp32; what meets weights, K, V and attention is bf16, as the models were made to run.
/// </summary>
internal sealed class DeviceLayer(TorchOps ops, DeviceShape shape, DeviceKv kv, AttentionMemory attention)
{
    private readonly double _scale = 1 / Math.Sqrt(shape.Config.HeadDim);

    /// <summary>
    /// Takes the rows' residual stream, fp32 [rows, hidden], through layer <paramref name="layer"/>, writing K and V of every row to its slot first. What comes
    /// out is the caller's.
    /// </summary>
    public Tensor Forward(int layer, IDeviceLinears linears, DeviceVectors vectors, DeviceBatch batch, RowBuffers rows, Tensor residual)
    {
        Norm(rows, residual, vectors.InputNorm);
        linears.QueryKeyValue(rows);
        Rotate(vectors, batch, rows);
        ops.Store(kv.OfLayer(layer), batch.Slots, rows.KeyValue);
        Attend(layer, batch, rows);
        using Tensor output = linears.Output(rows), attended = ops.Api.Add(residual, output);

        Norm(rows, attended, vectors.PostNorm);
        linears.SwiGlu(rows);
        using Tensor down = linears.Down(rows);
        return ops.Api.Add(attended, down);
    }

    private void Norm(RowBuffers rows, Tensor residual, Tensor weight)
    {
        using Tensor normed = ops.Api.RmsNorm(residual, weight, shape.Config.NormEpsilon, shape.Config.Hidden);
        ops.Api.Copy(rows.Input, normed);
    }

    private void Rotate(DeviceVectors vectors, DeviceBatch batch, RowBuffers rows)
    {
        HeadViews heads = rows.Heads;
        if (vectors.QueryNorm is { } queryNorm)
        {
            ops.Api.Copy(rows.Normed.All, rows.Heads.All);
            NormHeads(rows.NormedQuery!, queryNorm);
            NormHeads(rows.NormedKey!, vectors.KeyNorm!);
            heads = rows.Normed;
        }
        ops.Multiply(rows.Products, heads.Halves, batch.Rotation);
        using Tensor rotated = ops.Api.Add(rows.FromFirst, rows.FromSecond);
        ops.Api.Copy(rows.Heads.All, rotated);
    }

    private void NormHeads(Tensor heads, Tensor weight)
    {
        using Tensor normed = ops.Api.RmsNorm(heads, weight, shape.Config.NormEpsilon, shape.Config.HeadDim);
        ops.Api.Copy(heads, normed);
    }

    private void Attend(int layer, DeviceBatch batch, RowBuffers rows)
    {
        (Tensor gathered, Tensor keys, Tensor values) = attention.For(batch.Columns);
        ops.Select(gathered, kv.OfLayer(layer), batch.Attended);
        using Tensor attended = ops.Attention(rows.QueryHeads, keys, values, batch.Mask, _scale);
        ops.Api.Copy(rows.AttendedHeads, attended);
    }
}
