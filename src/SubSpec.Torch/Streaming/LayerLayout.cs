using SubSpec.Core;
using SubSpec.Torch.Memory;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// How the tensors of one layer come from their files into a slot: adjacent tensors form a run, a run is read as its aligned hull,
/// and tensors are views into the hulls. A tensor that would start below its element's alignment gets an aligned spot behind the
/// hulls and is copied there. Generated tensors lie behind the hulls as well. The layer may straddle files.
/// </summary>
public sealed class LayerLayout
{
    private const int CopyAlignment = 64;

    private readonly Dictionary<string, int> _indexByName;

    private LayerLayout(int layer, IReadOnlyList<TensorInfo> tensors, TensorPlace[] places, HullRead[] hulls, long slotBytes)
    {
        Layer = layer;
        Tensors = tensors;
        Places = places;
        Hulls = hulls;
        SlotBytes = slotBytes;
        PayloadBytes = tensors.Sum(t => t.Bytes);
        HullBytes = hulls.Sum(h => h.Bytes);
        _indexByName = tensors.Select((t, i) => (t.Name, i)).ToDictionary(t => t.Name, t => t.i, StringComparer.Ordinal);
    }

    public int Layer { get; }

    /// <summary>The tensors in the order given.</summary>
    public IReadOnlyList<TensorInfo> Tensors { get; }

    /// <summary>Bytes of the tensors alone.</summary>
    public long PayloadBytes { get; }

    /// <summary>Bytes that one read of the layer moves: the payload and what shares its blocks.</summary>
    public long HullBytes { get; }

    /// <summary>Bytes that a slot needs for this layer: the hulls rounded up to whole blocks and the spots of copied tensors.</summary>
    public long SlotBytes { get; }

    internal TensorPlace[] Places { get; }

    internal HullRead[] Hulls { get; }

    /// <summary>Indices of the tensors that no hull brings.</summary>
    internal IEnumerable<int> Generated => Enumerable.Range(0, Tensors.Count).Where(i => Tensors[i].IsGenerated);

    /// <summary>Lays out <paramref name="layer"/>.</summary>
    /// <param name="fileLength">Length in bytes of a file that a tensor names.</param>
    /// <param name="alignment">What file offsets and memory of direct reads must be multiples of; a power of two.</param>
    /// <exception cref="BadInputException">A tensor reaches past the end of its file.</exception>
    public static LayerLayout Plan(int layer, IReadOnlyList<TensorInfo> tensors, Func<string, long> fileLength, int alignment = NativeBuffer.Alignment)
    {
        var places = new TensorPlace[tensors.Count];
        var hulls = new List<HullRead>();
        long end = 0;
        foreach (List<int> run in Runs(tensors, fileLength, alignment))
        {
            TensorInfo first = tensors[run[0]];
            long start = RoundDown(first.Offset, alignment);
            long stop = RoundUp(run.Max(i => tensors[i].Offset + tensors[i].Bytes), alignment);
            hulls.Add(new HullRead(first.File, start, Math.Min(stop, fileLength(first.File)) - start, end));
            foreach (int i in run)
            {
                long place = end + tensors[i].Offset - start;
                places[i] = new TensorPlace(place, place, tensors[i].Bytes);
            }
            end += stop - start;
        }
        for (int i = 0; i < places.Length; i++)
        {
            if (tensors[i].IsGenerated)
            {
                places[i] = new TensorPlace(end, end, tensors[i].Bytes);
                end = RoundUp(end + tensors[i].Bytes, CopyAlignment);
            }
            else if (places[i].ReadOffset % ElementBytes(tensors[i].Type) != 0)
            {
                places[i] = places[i] with { Offset = end };
                end = RoundUp(end + places[i].Bytes, CopyAlignment);
            }
        }
        return new LayerLayout(layer, tensors, places, [.. hulls], end);
    }

    /// <summary>Index of the tensor of that name. Throws <see cref="ArgumentException"/> where the layer has none.</summary>
    public int IndexOf(string name) => _indexByName.TryGetValue(name, out int index) ? index
        : throw new ArgumentException($"layer {Layer} has no tensor '{name}'", nameof(name));

    /// <summary>Groups of tensors (by index) whose hulls touch or overlap.</summary>
    private static IEnumerable<List<int>> Runs(IReadOnlyList<TensorInfo> tensors, Func<string, long> fileLength, int alignment)
    {
        var run = new List<int>();
        long hullEnd = 0;
        foreach (int i in Enumerable.Range(0, tensors.Count).Where(i => !tensors[i].IsGenerated).OrderBy(i => tensors[i].File, StringComparer.Ordinal).ThenBy(i => tensors[i].Offset))
        {
            TensorInfo tensor = tensors[i];
            if (tensor.Offset < 0 || tensor.Bytes <= 0 || tensor.Offset > fileLength(tensor.File) - tensor.Bytes)
                throw new BadInputException($"{tensor.File}: tensor '{tensor.Name}' lies outside the file; download the checkpoint again");
            if (run.Count > 0 && (tensor.File != tensors[run[0]].File || RoundDown(tensor.Offset, alignment) > hullEnd))
            {
                yield return run;
                run = [];
                hullEnd = 0;
            }
            run.Add(i);
            hullEnd = Math.Max(hullEnd, RoundUp(tensor.Offset + tensor.Bytes, alignment));
        }
        if (run.Count > 0) yield return run;
    }

    private static int ElementBytes(WeightType type) => type == WeightType.Float32 ? 4 : 2;

    private static long RoundDown(long value, int alignment) => value & -alignment;

    private static long RoundUp(long value, int alignment) => (value + alignment - 1) & -alignment;
}
