using SubSpec.Torch.Kv;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Native.Aten;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The KV cache on the device: per layer K and V [slots, kvHeads * headDim] in bf16. Two slots behind those of sequences belong to nobody: one receives
/// what padding rows write, the other holds NaN to poison slots with.
/// </summary>
internal sealed unsafe class DeviceKv : KvSlots, IDisposable
{
    private const ushort NaN = 0x7FC0;
    private const int Extra = 2;

    private readonly ICudaRuntime _cuda;
    private readonly Tensor[] _keys;
    private readonly Tensor[] _values;
    private readonly nint _memory;
    private readonly int _layers;
    private readonly long _rowBytes;

    public DeviceKv(ICudaRuntime cuda, TorchApi api, DeviceArena arena, int layers, int slots, int width, bool poison)
        : base(slots, poison)
    {
        (_cuda, _layers, _rowBytes) = (cuda, layers, width * sizeof(ushort));
        _memory = arena.Take(BytesFor(layers, slots, width));
        _keys = [.. Enumerable.Range(0, layers).Select(l => Rows(2 * l))];
        _values = [.. Enumerable.Range(0, layers).Select(l => Rows(2 * l + 1))];
        using var poisoned = new NativeBuffer(_rowBytes);
        new Span<ushort>(poisoned.Pointer, width).Fill(NaN);
        for (int part = 0; part < 2 * layers; part++) DeviceCopies.Upload(cuda, Row(part, slots + 1), poisoned.Pointer, _rowBytes);
        PoisonAll();

        Tensor Rows(int part) => api.View(Row(part, 0), TorchDtype.BFloat16, [slots + Extra, width], [width, 1]);
    }

    /// <summary>K of a layer, bf16 [slots, width].</summary>
    public Tensor Keys(int layer) => _keys[layer];

    /// <summary>V of a layer, bf16 [slots, width].</summary>
    public Tensor Values(int layer) => _values[layer];

    /// <summary>Bytes of a cache.</summary>
    /// <param name="width">Elements of K (or of V) of one slot of one layer.</param>
    public static long BytesFor(int layers, int slots, int width) => 2L * layers * (slots + Extra) * width * sizeof(ushort);

    public void Dispose()
    {
        foreach (Tensor tensor in _keys.Concat(_values)) tensor.Dispose();
    }

    protected override void Poison(int slot) => Copy(SlotCount + 1, slot);

    protected override void Copy(int from, int to) =>
        _cuda.CopyRowsAsync(Row(0, to), Row(0, from), _rowBytes, (SlotCount + Extra) * _rowBytes, 2 * _layers, 0);

    private nint Row(int part, int slot) => _memory + (nint)(((long)part * (SlotCount + Extra) + slot) * _rowBytes);
}
