using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Quantization;

/// <summary>The low-bit copies of a model's linear weights, in one block of memory that this set owns.</summary>
public sealed unsafe class SubstituteSet : IDisposable
{
    private readonly Dictionary<string, QuantizedMatrix> _matrices;
    private readonly NativeBuffer _memory;

    private SubstituteSet(NativeBuffer memory, Dictionary<string, QuantizedMatrix> matrices, long bytes)
    {
        _memory = memory;
        _matrices = matrices;
        Bytes = bytes;
        Report = new QuantizationReport(0, 0, 0, 0, null);
    }

    /// <summary>Names of the weights, in the order in which they were asked for.</summary>
    public IReadOnlyCollection<string> Names => _matrices.Keys;

    /// <summary>Bytes of all substitutes.</summary>
    public long Bytes { get; }

    public QuantizationReport Report { get; internal set; }

    /// <summary>The substitute of a weight; valid until disposal. Throws <see cref="KeyNotFoundException"/> for a weight without one.</summary>
    public QuantizedMatrix this[string name]
    {
        get
        {
            _ = _memory.Pointer;
            return _matrices[name];
        }
    }

    /// <summary>The memory of a part.</summary>
    internal (nint Memory, long Bytes) Block(IReadOnlyList<TensorInfo> weights) => (this[weights[0].Name].Data, weights.Sum(w => this[w.Name].Bytes));

    /// <summary>Reserves the memory; the content is zero. Each part begins at a page, as direct reads ask for.</summary>
    internal static SubstituteSet Allocate(IReadOnlyList<IReadOnlyList<TensorInfo>> parts, int bits)
    {
        long Bytes(TensorInfo weight) => QuantizedMatrix.BytesOf(bits, weight.Shape[0], weight.Shape[1]);

        var memory = new NativeBuffer(parts.Sum(part => NativeBuffer.Rounded(part.Sum(Bytes))));
        var matrices = new Dictionary<string, QuantizedMatrix>();
        byte* next = memory.Pointer;
        foreach (IReadOnlyList<TensorInfo> part in parts)
        {
            byte* start = next;
            foreach (TensorInfo weight in part)
            {
                matrices.Add(weight.Name, new QuantizedMatrix((nint)next, bits, weight.Shape[0], weight.Shape[1]));
                next += Bytes(weight);
            }
            next = start + NativeBuffer.Rounded(next - start);
        }
        return new SubstituteSet(memory, matrices, matrices.Values.Sum(m => m.Bytes));
    }

    public void Dispose() => _memory.Dispose();
}
