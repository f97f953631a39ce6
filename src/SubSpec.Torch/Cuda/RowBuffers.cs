using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The device's scratch of a batch of rows on its way through a layer, as views for one number of rows. bf16 is what meets weights, fp32 what is
/// summed up. Rows that meet low-bit weights are padded with zeros to whole groups.
/// </summary>
internal sealed class RowBuffers : IDisposable
{
    private readonly List<Tensor> _views = [];
    private readonly TorchApi _api;

    public RowBuffers(TorchApi api, RowMemory memory, DeviceShape shape, int rows)
    {
        _api = api;
        Rows = rows;
        Models.ModelConfig c = shape.Config;
        int total = shape.QueryKeyValueWidth, heads = shape.RotatedHeads, dim = c.HeadDim, pairs = dim / 2;
        int hidden = DeviceShape.Padded(c.Hidden), query = DeviceShape.Padded(c.QueryWidth), intermediate = DeviceShape.Padded(c.Intermediate);
        Residual = Keep(memory.Residual, TorchDtype.Float32, [rows, c.Hidden], [c.Hidden, 1]);
        Input = Keep(memory.Input, TorchDtype.BFloat16, [rows, c.Hidden], [hidden, 1]);
        PaddedInput = Keep(memory.Input, TorchDtype.BFloat16, [rows, hidden], [hidden, 1]);
        QueryKeyValue = Keep(memory.QueryKeyValue, TorchDtype.BFloat16, [rows, total], [total, 1]);
        Query = Keep(memory.QueryKeyValue, TorchDtype.BFloat16, [rows, c.QueryWidth], [total, 1]);
        Key = Keep(memory.QueryKeyValue + c.QueryWidth * 2, TorchDtype.BFloat16, [rows, c.KvWidth], [total, 1]);
        Value = Keep(memory.QueryKeyValue + (c.QueryWidth + c.KvWidth) * 2, TorchDtype.BFloat16, [rows, c.KvWidth], [total, 1]);
        KeyValue = Keep(memory.QueryKeyValue + c.QueryWidth * 2, TorchDtype.BFloat16, [rows, 2 * c.KvWidth], [total, 1]);
        QueryHeads = Keep(memory.QueryKeyValue, TorchDtype.BFloat16, [c.KvHeads, shape.HeadsPerGroup, rows, dim], [shape.HeadsPerGroup * dim, dim, total, 1]);
        Heads = Views(memory.QueryKeyValue, TorchDtype.BFloat16, total);
        if (c.HeadNorms)
        {
            Normed = Views(memory.Normed, TorchDtype.Float32, heads * dim);
            NormedQuery = Keep(memory.Normed, TorchDtype.Float32, [rows, c.Heads, dim], [heads * dim, dim, 1]);
            NormedKey = Keep(memory.Normed + c.QueryWidth * 4, TorchDtype.Float32, [rows, c.KvHeads, dim], [heads * dim, dim, 1]);
        }
        Products = Keep(memory.Products, TorchDtype.Float32, [rows, heads, 2, 2, pairs], [heads * 2 * dim, 2 * dim, dim, pairs, 1]);
        FromFirst = Keep(memory.Products, TorchDtype.Float32, [rows, heads, 2, pairs], [heads * 2 * dim, 2 * dim, pairs, 1]);
        FromSecond = Keep(memory.Products + dim * 4, TorchDtype.Float32, [rows, heads, 2, pairs], [heads * 2 * dim, 2 * dim, pairs, 1]);
        Attended = Keep(memory.Attended, TorchDtype.BFloat16, [rows, c.QueryWidth], [query, 1]);
        PaddedAttended = Keep(memory.Attended, TorchDtype.BFloat16, [rows, query], [query, 1]);
        AttendedHeads = Keep(memory.Attended, TorchDtype.BFloat16, [c.KvHeads, shape.HeadsPerGroup, rows, dim], [shape.HeadsPerGroup * dim, dim, query, 1]);
        Gate = Keep(memory.Gate, TorchDtype.BFloat16, [rows, c.Intermediate], [intermediate, 1]);
        PaddedGate = Keep(memory.Gate, TorchDtype.BFloat16, [rows, intermediate], [intermediate, 1]);
        Up = Keep(memory.Up, TorchDtype.BFloat16, [rows, c.Intermediate], [intermediate, 1]);
        Delta = Keep(memory.Delta, TorchDtype.BFloat16, [rows, c.Hidden], [c.Hidden, 1]);

        HeadViews Views(nint data, TorchDtype dtype, int stride) => new(
            Keep(data, dtype, [rows, heads, 2, pairs], [stride, dim, pairs, 1]), Keep(data, dtype, [rows, heads, 2, 1, pairs], [stride, dim, pairs, pairs, 1]));
    }

    public int Rows { get; }

    /// <summary>fp32 [rows, hidden].</summary>
    public Tensor Residual { get; }

    /// <summary>bf16 [rows, hidden]: what a norm gives.</summary>
    public Tensor Input { get; }

    /// <summary>The same, padded.</summary>
    public Tensor PaddedInput { get; }

    /// <summary>bf16 [rows, (heads + 2 kvHeads) * headDim]; the rotation takes place in it.</summary>
    public Tensor QueryKeyValue { get; }

    /// <summary>bf16 [rows, heads * headDim].</summary>
    public Tensor Query { get; }

    /// <summary>bf16 [rows, kvHeads * headDim].</summary>
    public Tensor Key { get; }

    /// <summary>bf16 [rows, kvHeads * headDim].</summary>
    public Tensor Value { get; }

    /// <summary>k and v side by side, as the cache has them: bf16 [rows, 2 kvHeads * headDim].</summary>
    public Tensor KeyValue { get; }

    /// <summary>q as [kvHeads, headsPerGroup, rows, headDim].</summary>
    public Tensor QueryHeads { get; }

    /// <summary>q and k as heads, bf16.</summary>
    public HeadViews Heads { get; }

    /// <summary>q and k as heads behind their norms, fp32; unset where the model has none.</summary>
    public HeadViews Normed { get; }

    /// <summary>fp32 [rows, heads, headDim].</summary>
    public Tensor? NormedQuery { get; }

    /// <summary>fp32 [rows, kvHeads, headDim].</summary>
    public Tensor? NormedKey { get; }

    /// <summary>fp32 [rows, heads of q and k, 2, 2, headDim / 2]: what each half of a head gives to each half of the rotated one.</summary>
    public Tensor Products { get; }

    /// <summary>What its first half gives: fp32 [rows, heads of q and k, 2, headDim / 2].</summary>
    public Tensor FromFirst { get; }

    /// <summary>What its second half gives.</summary>
    public Tensor FromSecond { get; }

    /// <summary>bf16 [rows, heads * headDim].</summary>
    public Tensor Attended { get; }

    /// <summary>The same, padded.</summary>
    public Tensor PaddedAttended { get; }

    /// <summary>The same as [kvHeads, headsPerGroup, rows, headDim].</summary>
    public Tensor AttendedHeads { get; }

    /// <summary>bf16 [rows, intermediate]; SwiGLU's result replaces it.</summary>
    public Tensor Gate { get; }

    /// <summary>The same, padded.</summary>
    public Tensor PaddedGate { get; }

    /// <summary>bf16 [rows, intermediate].</summary>
    public Tensor Up { get; }

    /// <summary>bf16 [rows, hidden]: what is added to the residual stream.</summary>
    public Tensor Delta { get; }

    public void Dispose()
    {
        foreach (Tensor view in _views) view.Dispose();
    }

    private Tensor Keep(nint data, TorchDtype dtype, ReadOnlySpan<long> sizes, ReadOnlySpan<long> strides)
    {
        Tensor view = _api.View(data, dtype, sizes, strides);
        _views.Add(view);
        return view;
    }
}

/// <summary>Heads of q and k as the two halves that a rotation mixes.</summary>
/// <param name="All">[rows, heads of q and k, 2, headDim / 2].</param>
/// <param name="Halves">The same, to be multiplied once for each half of the result: [rows, heads of q and k, 2, 1, headDim / 2].</param>
internal readonly record struct HeadViews(Tensor All, Tensor Halves);
