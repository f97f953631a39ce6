using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>All offloaded layers in pinned host memory, each in a block of its own size, read from the checkpoint straight into it.</summary>
internal sealed unsafe class PinnedLayers : IHostLayers
{
    private const int RequestBytes = 4 << 20;

    private readonly Dictionary<int, PinnedBuffer> _blocks = [];

    /// <summary>Reads everything. Throws <see cref="BadInputException"/>, <see cref="CudaException"/> or <see cref="IOException"/>; nothing stays pinned then.</summary>
    /// <param name="loaded">Told the bytes of every piece that has been read, by one thread at a time.</param>
    /// <param name="cancel">Gives up between two blocks or pieces.</param>
    public PinnedLayers(ICudaRuntime cuda, IReadOnlyList<OffloadedLayer> layers, Action<long>? loaded = null, CancellationToken cancel = default)
    {
        using var files = new LinkFiles(layers);
        (Layouts, AreDirect) = (files.Layouts, files.AreDirect);
        try
        {
            foreach (LayerLayout layout in Layouts)
            {
                cancel.ThrowIfCancellationRequested();
                _blocks.Add(layout.Layer, new PinnedBuffer(cuda, BlockBytes(layout, files.Alignment)));
            }
            (LayerLayout Layout, HullRead Hull, long Start)[] pieces =
            [
                .. from layout in Layouts from hull in layout.Hulls
                   from piece in Enumerable.Range(0, (int)((hull.Bytes + RequestBytes - 1) / RequestBytes)) select (layout, hull, piece * (long)RequestBytes),
            ];
            LoadThreads.Run(pieces.Length, i =>
            {
                cancel.ThrowIfCancellationRequested();
                long bytes = Read(files, pieces[i].Layout, pieces[i].Hull, pieces[i].Start);
                lock (_blocks) loaded?.Invoke(bytes);
            });
            if (Layouts.SelectMany(l => l.Hulls).Select(h => h.File).Distinct().FirstOrDefault(f => !files[f].IsUnchanged()) is { } changed)
                throw new BadInputException($"{changed}: changed on disk while it was read; start again once it is complete");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public IReadOnlyList<LayerLayout> Layouts { get; }

    public bool AreDirect { get; }

    public long Bytes => _blocks.Values.Sum(b => b.Bytes);

    /// <summary>Bytes that would be pinned.</summary>
    public static long BytesFor(IReadOnlyList<OffloadedLayer> layers)
    {
        using var files = new LinkFiles(layers);
        return files.Layouts.Sum(l => Memory.NativeBuffer.Rounded(BlockBytes(l, files.Alignment)));
    }

    public void Fetch(int layer, Action<FetchedLayer> there) => there(new FetchedLayer((nint)_blocks[layer].Pointer, null));

    public void Release(nint memory)
    {
    }

    public void Cancel()
    {
    }

    public void Dispose() => Release(_blocks.Values);

    /// <summary>Gives all blocks back, whatever goes wrong with one of them.</summary>
    private static void Release(IEnumerable<PinnedBuffer> blocks)
    {
        foreach (PinnedBuffer block in blocks) Quietly.Dispose(block);
    }

    /// <summary>The hulls, with room for whole blocks at their ends.</summary>
    private static long BlockBytes(LayerLayout layout, int alignment) => layout.Hulls.Max(h => h.SlotOffset + (h.Bytes + alignment - 1) / alignment * alignment);

    private long Read(LinkFiles files, LayerLayout layout, HullRead hull, long start)
    {
        int bytes = (int)Math.Min(RequestBytes, hull.Bytes - start);
        int read = files[hull.File].Read(_blocks[layout.Layer].Pointer + hull.SlotOffset + start, bytes, hull.Offset + start);
        return read == bytes ? bytes : throw new EndOfStreamException($"{hull.File}: only {read} of {bytes} bytes at {hull.Offset + start} could be read");
    }
}
