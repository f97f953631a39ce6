using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Kv;

/// <summary>The KV cache in the host's memory: per layer K and V [slots, kvHeads, headDim] in bf16.</summary>
internal sealed unsafe class KvPool(int layers, int slots, int kvHeads, int headDim, bool poison) : KvSlots(slots, poison), IDisposable
{
    private const ushort NaN = 0x7FC0;

    private readonly NativeBuffer _memory = new(BytesFor(layers, slots, kvHeads, headDim));

    /// <summary>Elements of K (or of V) of one slot of one layer.</summary>
    public int RowElements => kvHeads * headDim;

    /// <summary>Bytes of a pool.</summary>
    public static long BytesFor(int layers, int slots, int kvHeads, int headDim) => 2L * layers * slots * kvHeads * headDim * sizeof(ushort);

    /// <summary>K of a layer, bf16 [slots, kvHeads, headDim].</summary>
    public ushort* Keys(int layer) => (ushort*)_memory.Pointer + 2L * layer * SlotCount * RowElements;

    /// <summary>V of a layer, bf16 [slots, kvHeads, headDim].</summary>
    public ushort* Values(int layer) => Keys(layer) + (long)SlotCount * RowElements;

    public void Dispose() => _memory.Dispose();

    protected override void Poison(int slot)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            new Span<ushort>(Keys(layer) + (long)slot * RowElements, RowElements).Fill(NaN);
            new Span<ushort>(Values(layer) + (long)slot * RowElements, RowElements).Fill(NaN);
        }
    }

    protected override void Copy(int from, int to)
    {
        for (int layer = 0; layer < layers; layer++)
        {
            CopyRow(Keys(layer), from, to);
            CopyRow(Values(layer), from, to);
        }
    }

    private void CopyRow(ushort* rows, int from, int to) =>
        new ReadOnlySpan<ushort>(rows + (long)from * RowElements, RowElements).CopyTo(new Span<ushort>(rows + (long)to * RowElements, RowElements));
}
