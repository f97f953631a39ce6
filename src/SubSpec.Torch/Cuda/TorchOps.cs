using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The operations that a layer is made of, by libtorch on the device. Named as in the model; where a GPU and a processor have other operators for
/// the same thing, that is decided here and nowhere else.
/// </summary>
internal sealed class TorchOps(TorchApi api)
{
    /// <summary>Outputs of a low-bit product come in multiples of this.</summary>
    public const int LowBitRows = 16;

    public TorchApi Api => api;

    /// <summary>to[i] = table[index[i]].</summary>
    public void Select(Tensor to, Tensor table, Tensor index)
    {
        ulong[] arguments = [api.Give(table), 0, api.Give(index), api.Give(to)];
        api.Call("aten::index_select"u8, "out"u8, arguments).Dispose();
    }

    /// <summary>table[index[i]] = rows[i].</summary>
    public void Store(Tensor table, Tensor index, Tensor rows)
    {
        ulong[] arguments = [api.Give(table), 0, api.Give(index), api.Give(rows)];
        api.Call("aten::index_copy_"u8, default, arguments).Dispose();
    }

    /// <summary>The highest values of each row, as many as <paramref name="values"/> has columns, in any order, and where they are.</summary>
    /// <param name="places">int64, as large as <paramref name="values"/>.</param>
    public void Highest(Tensor values, Tensor places, Tensor x)
    {
        ulong[] arguments = [api.Give(x), (ulong)api.SizesOf(values)[1], 1, 1, 0, api.Give(values), api.Give(places)];
        (Tensor first, Tensor second) = api.CallForTwo("aten::topk"u8, "values"u8, arguments);
        first.Dispose();
        second.Dispose();
    }

    /// <summary>to[i, j] = x[i, index[i, j]].</summary>
    public void Gather(Tensor to, Tensor x, Tensor index)
    {
        ulong[] arguments = [api.Give(x), 1, api.Give(index), 0, api.Give(to)];
        api.Call("aten::gather"u8, "out"u8, arguments).Dispose();
    }

    /// <summary>to = a b, element by element.</summary>
    public void Multiply(Tensor to, Tensor a, Tensor b)
    {
        ulong[] arguments = [api.Give(a), api.Give(b), api.Give(to)];
        api.Call("aten::mul"u8, "out"u8, arguments).Dispose();
    }

    /// <summary>to = x / (1 + exp(-x)).</summary>
    public void Silu(Tensor to, Tensor x)
    {
        ulong[] arguments = [api.Give(x), api.Give(to)];
        api.Call("aten::silu"u8, "out"u8, arguments).Dispose();
    }

    /// <summary>softmax(q k^T scale + mask) v, with q [groups, heads, rows, headDim], k and v [groups, heads, columns, headDim], mask [groups, heads, rows, columns].</summary>
    public Tensor Attention(Tensor q, Tensor k, Tensor v, Tensor mask, double scale)
    {
        if (api.Place.IsCuda) return api.CudaMaskedAttention(q, k, v, mask, scale);
        ulong[] arguments =
        [
            api.Give(q), api.Give(k), api.Give(v), api.GiveOptional(api.Give(mask)), BitConverter.DoubleToUInt64Bits(0), 0,
            api.GiveOptional(BitConverter.DoubleToUInt64Bits(scale)), 0,
        ];
        return api.Call("aten::scaled_dot_product_attention"u8, default, arguments);
    }

    /// <summary>The product in fp32 of bf16 inputs, accumulated and kept in fp32: logits.</summary>
    public void WideProduct(Tensor to, Tensor x, Tensor weights)
    {
        if (!api.Place.IsCuda)
        {
            using Tensor wideX = Widen(x), wideWeights = Widen(weights);
            api.Product(to, wideX, wideWeights);
            return;
        }
        ulong[] arguments = [api.Give(x), api.Give(weights), (ulong)TorchDtype.Float32, api.Give(to)];
        api.Call("aten::mm"u8, "dtype_out"u8, arguments).Dispose();
    }

    /// <summary>x times a packed low-bit matrix: bf16 [rows, out].</summary>
    /// <param name="x">bf16 [rows, in], contiguous.</param>
    /// <param name="scales">bf16 [in / group, out, 2]: w = (code - 8) scale + zero.</param>
    public Tensor LowBitProduct(Tensor x, Tensor packed, int group, Tensor scales)
    {
        ulong[] arguments = [api.Give(x), api.Give(packed), (ulong)group, api.Give(scales)];
        return api.Call(api.Place.IsCuda ? "aten::_weight_int4pack_mm"u8 : "aten::_weight_int4pack_mm_for_cpu"u8, default, arguments);
    }

    /// <summary>Packs codes as <see cref="LowBitProduct"/> reads them.</summary>
    /// <param name="codes">On a GPU two to a byte, uint8 [out, in / 2], the even input in the high half; else int32 [out, in].</param>
    /// <param name="innerTiles">Tiles of 16 inputs that lie together: 2, 4 or 8, and divide the inputs' tiles.</param>
    public Tensor PackLowBit(Tensor codes, int innerTiles)
    {
        ulong[] arguments = [api.Give(codes), (ulong)innerTiles];
        return api.Call(api.Place.IsCuda ? "aten::_convert_weight_to_int4pack"u8 : "aten::_convert_weight_to_int4pack_for_cpu"u8, default, arguments);
    }

    /// <summary>A copy in bf16 with memory of its own.</summary>
    public Tensor Clone(Tensor x) => Convert(x, TorchDtype.BFloat16);

    /// <summary>x in fp32.</summary>
    private Tensor Widen(Tensor x) => Convert(x, TorchDtype.Float32);

    private Tensor Convert(Tensor x, TorchDtype dtype)
    {
        ulong[] arguments = [api.Give(x), api.GiveOptional((ulong)dtype), 0, 0, 0, 0, 0];
        return api.Call("aten::_to_copy"u8, default, arguments);
    }
}
