using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The KV cache on the device: per layer [slots, 2 kvHeads * headDim] in bf16, K and V of a slot side by side. Two slots behind those of sequences belong to nobody: one receives
/// what padding rows write, the other holds NaN to poison slots with.
/// </summary>
internal sealed unsafe class DeviceKv : KvSlots, IDisposable
{
    private const ushort NaN = 0x7FC0;
    private const int Extra = 2;

    private readonly ICudaRuntime _cuda;
    private readonly Tensor[] _ofLayers;
    private readonly nint _memory;
    private readonly int _layers;
    private readonly long _rowBytes;

    public DeviceKv(ICudaRuntime cuda, TorchApi api, DeviceArena arena, int layers, int slots, int width, bool poison)
        : base(slots, poison)
    {
        (_cuda, _layers, _rowBytes) = (cuda, layers, 2L * width * sizeof(ushort));
        _memory = arena.Take(BytesFor(layers, slots, width));
        _ofLayers = [.. Enumerable.Range(0, layers).Select(l => api.View(Row(l, 0), TorchDtype.BFloat16, [slots + Extra, 2 * width], [2 * width, 1]))];
        using var poisoned = new NativeBuffer(_rowBytes);
        new Span<ushort>(poisoned.Pointer, 2 * width).Fill(NaN);
        for (int layer = 0; layer < layers; layer++) DeviceCopies.Upload(cuda, Row(layer, slots + 1), poisoned.Pointer, _rowBytes);
        PoisonAll();
    }

    /// <summary>K and V of a layer, bf16 [slots, 2 width].</summary>
    public Tensor OfLayer(int layer) => _ofLayers[layer];

    /// <summary>Bytes of a cache.</summary>
    /// <param name="width">Elements of K (or of V) of one slot of one layer.</param>
    public static long BytesFor(int layers, int slots, int width) => 2L * layers * (slots + Extra) * width * sizeof(ushort);

    public void Dispose()
    {
        foreach (Tensor tensor in _ofLayers) tensor.Dispose();
    }

    protected override void Poison(int slot) => Copy(SlotCount + 1, slot);

    protected override void Copy(int from, int to) =>
        _cuda.CopyRowsAsync(Row(0, to), Row(0, from), _rowBytes, (SlotCount + Extra) * _rowBytes, _layers, 0);

    private nint Row(int layer, int slot) => _memory + (nint)(((long)layer * (SlotCount + Extra) + slot) * _rowBytes);
}
