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
    }

    /// <summary>Names of the weights, in the order in which they were asked for.</summary>
    public IReadOnlyCollection<string> Names => _matrices.Keys;

    /// <summary>Bytes of all substitutes.</summary>
    public long Bytes { get; }

    /// <summary>How long loading and building took, writing included.</summary>
    public TimeSpan Time { get; internal set; }

    /// <summary>The cache they are kept in, or null if they are only in memory.</summary>
    public string? CacheFolder { get; internal set; }

    internal IReadOnlyList<SubstituteOrigin> Origins { get; set; } = [];

    /// <summary>The substitute of a weight; valid until disposal. Throws <see cref="KeyNotFoundException"/> for a weight without one.</summary>
    public QuantizedMatrix this[string name]
    {
        get
        {
            _ = _memory.Pointer;
            return _matrices[name];
        }
    }

    /// <summary>How some parts, all where nothing else is said, came about.</summary>
    public QuantizationReport Report(Func<SubstitutePart, bool>? which = null)
    {
        SubstituteOrigin[] origins = [.. Origins.Where(o => which?.Invoke(o.Part) ?? true)];
        int built = origins.Count(o => o.Built);
        return new QuantizationReport(
            built, origins.Length - built, Time.TotalSeconds, origins.Aggregate(default(QuantizationError), (sum, o) => sum + o.Error).Relative, CacheFolder);
    }

    /// <summary>The memory of a part.</summary>
    internal (nint Memory, long Bytes) Block(IReadOnlyList<TensorInfo> weights) => (this[weights[0].Name].Data, weights.Sum(w => this[w.Name].Bytes));

    /// <summary>Reserves the memory; the content is zero. Each part begins at a page, as direct reads ask for.</summary>
    /// <param name="weights">Of each part.</param>
    internal static SubstituteSet Allocate(IReadOnlyList<SubstitutePart> parts, IReadOnlyList<IReadOnlyList<TensorInfo>> weights)
    {
        long Bytes(int part, TensorInfo weight) => QuantizedMatrix.BytesOf(parts[part].Settings.Bits, weight.Shape[0], weight.Shape[1]);

        var memory = new NativeBuffer(weights.Select((part, i) => NativeBuffer.Rounded(part.Sum(w => Bytes(i, w)))).Sum());
        var matrices = new Dictionary<string, QuantizedMatrix>();
        byte* next = memory.Pointer;
        for (int i = 0; i < parts.Count; i++)
        {
            byte* start = next;
            foreach (TensorInfo weight in weights[i])
            {
                matrices.Add(weight.Name, new QuantizedMatrix((nint)next, parts[i].Settings.Bits, weight.Shape[0], weight.Shape[1]));
                next += Bytes(i, weight);
            }
            next = start + NativeBuffer.Rounded(next - start);
        }
        return new SubstituteSet(memory, matrices, matrices.Values.Sum(m => m.Bytes));
    }

    public void Dispose() => _memory.Dispose();
}
