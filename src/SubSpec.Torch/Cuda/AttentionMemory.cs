using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>Where K and V of the slots that a batch attends to are gathered, one layer at a time.</summary>
internal sealed class AttentionMemory(TorchApi api, DeviceArena arena, DeviceShape shape, int slots) : IDisposable
{
    private readonly nint _gathered = arena.Take(BytesFor(shape, slots));
    private readonly Dictionary<int, (Tensor Gathered, Tensor Keys, Tensor Values)> _views = [];

    /// <summary>Bytes for all slots of a cache.</summary>
    public static long BytesFor(DeviceShape shape, int slots) => DeviceArena.Rounded(DeviceShape.Columns(slots + 1) * 2L * shape.Config.KvWidth * sizeof(ushort));

    /// <summary>
    /// Views for so many columns: bf16 [columns, 2 kvHeads * headDim], and K and V of it as [kvHeads, headsPerGroup, columns, headDim], one head for all
    /// of a group.
    /// </summary>
    public (Tensor Gathered, Tensor Keys, Tensor Values) For(int columns)
    {
        int width = shape.Config.KvWidth;
        if (!_views.TryGetValue(columns, out (Tensor Gathered, Tensor Keys, Tensor Values) views))
            _views.Add(columns, views = (api.View(_gathered, TorchDtype.BFloat16, [columns, 2 * width], [2 * width, 1]), Heads(_gathered, columns), Heads(_gathered + width * sizeof(ushort), columns)));
        return views;
    }

    public void Dispose()
    {
        foreach ((Tensor gathered, Tensor keys, Tensor values) in _views.Values)
            foreach (Tensor tensor in new[] { gathered, keys, values }) tensor.Dispose();
    }

    private Tensor Heads(nint data, int columns) => api.View(
        data, TorchDtype.BFloat16, [shape.Config.KvHeads, shape.HeadsPerGroup, columns, shape.Config.HeadDim], [shape.Config.HeadDim, 0, 2 * shape.Config.KvWidth, 1]);
}
