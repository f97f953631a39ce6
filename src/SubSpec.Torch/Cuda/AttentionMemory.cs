using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>Where K and V of the slots that a batch attends to are gathered, one layer at a time.</summary>
internal sealed class AttentionMemory(TorchApi api, DeviceArena arena, DeviceShape shape, int slots) : IDisposable
{
    private readonly nint _keys = arena.Take(HalfBytes(shape, slots));
    private readonly nint _values = arena.Take(HalfBytes(shape, slots));
    private readonly Dictionary<int, (Tensor Keys, Tensor Values, Tensor KeyHeads, Tensor ValueHeads)> _views = [];

    /// <summary>Bytes for all slots of a cache.</summary>
    public static long BytesFor(DeviceShape shape, int slots) => 2 * DeviceArena.Rounded(HalfBytes(shape, slots));

    /// <summary>Views for so many columns: bf16 [columns, kvHeads * headDim], and as [kvHeads, headsPerGroup, columns, headDim], one head of K and V for all of a group.</summary>
    public (Tensor Keys, Tensor Values, Tensor KeyHeads, Tensor ValueHeads) For(int columns)
    {
        if (!_views.TryGetValue(columns, out (Tensor Keys, Tensor Values, Tensor KeyHeads, Tensor ValueHeads) views))
            _views.Add(columns, views = (Rows(_keys, columns), Rows(_values, columns), Heads(_keys, columns), Heads(_values, columns)));
        return views;
    }

    public void Dispose()
    {
        foreach ((Tensor keys, Tensor values, Tensor keyHeads, Tensor valueHeads) in _views.Values)
            foreach (Tensor tensor in new[] { keys, values, keyHeads, valueHeads }) tensor.Dispose();
    }

    private static long HalfBytes(DeviceShape shape, int slots) => (long)DeviceShape.Columns(slots + 1) * shape.Config.KvWidth * sizeof(ushort);

    private Tensor Rows(nint data, int columns) => api.View(data, TorchDtype.BFloat16, [columns, shape.Config.KvWidth], [shape.Config.KvWidth, 1]);

    private Tensor Heads(nint data, int columns) => api.View(
        data, TorchDtype.BFloat16, [shape.Config.KvHeads, shape.HeadsPerGroup, columns, shape.Config.HeadDim], [shape.Config.HeadDim, 0, shape.Config.KvWidth, 1]);
}
