using SubSpec.Core;
using SubSpec.Torch.Compute;
using SubSpec.Torch.Engine;
using SubSpec.Torch.Memory;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>All offloaded layers in pinned host memory, each in a block of its own size, read from the checkpoint, or generated, straight into it.</summary>
internal sealed unsafe class PinnedLayers : IHostLayers
{
    private const int RequestBytes = 4 << 20;
    private const int GeneratedBytes = 32 << 20;

    private readonly Dictionary<int, PinnedBuffer> _blocks = [];

    /// <summary>Reads everything. Throws <see cref="BadInputException"/>, <see cref="CudaException"/> or <see cref="IOException"/>; nothing stays pinned then.</summary>
    /// <param name="source">Has the generated tensors; may be null where there are none.</param>
    /// <param name="loaded">Told the bytes of every piece that has been read, by one thread at a time.</param>
    /// <param name="cancel">Gives up between two blocks or pieces.</param>
    public PinnedLayers(
        ICudaRuntime cuda, IReadOnlyList<OffloadedLayer> layers, ITensorSource? source = null, Action<long>? loaded = null, CancellationToken cancel = default)
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
            (long Bytes, Action Read)[] pieces =
            [
                .. from layout in Layouts from hull in layout.Hulls from piece in Pieces(hull.Bytes, RequestBytes)
                   select (piece.Bytes, (Action)(() => Read(files, layout, hull, piece.Start, (int)piece.Bytes))),
                .. from layout in Layouts from tensor in layout.Generated from piece in Pieces(layout.Places[tensor].Bytes, GeneratedBytes)
                   select (piece.Bytes, (Action)(() => Generate(source!, layout, tensor, piece.Start, piece.Bytes))),
            ];
            LoadThreads.Run(pieces.Length, i =>
            {
                cancel.ThrowIfCancellationRequested();
                pieces[i].Read();
                lock (_blocks) loaded?.Invoke(pieces[i].Bytes);
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
        return files.Layouts.Sum(l => NativeBuffer.Rounded(BlockBytes(l, files.Alignment)));
    }

    /// <summary>Bytes that may be pinned.</summary>
    public static long Allowed(EngineOptions options) => options.HostMemory ?? (long)(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes * EngineOptions.PinnedShare);

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

    /// <summary>The hulls, with room for whole blocks at their ends, and what is generated.</summary>
    private static long BlockBytes(LayerLayout layout, int alignment) => Math.Max(
        layout.Hulls.Max(h => (long?)(h.SlotOffset + (h.Bytes + alignment - 1) / alignment * alignment)) ?? 0,
        layout.Generated.Max(i => (long?)(layout.Places[i].ReadOffset + layout.Places[i].Bytes)) ?? 0);

    private static IEnumerable<(long Start, long Bytes)> Pieces(long bytes, int most)
    {
        for (long start = 0; start < bytes; start += most) yield return (start, Math.Min(most, bytes - start));
    }

    private void Read(LinkFiles files, LayerLayout layout, HullRead hull, long start, int bytes)
    {
        int read = files[hull.File].Read(_blocks[layout.Layer].Pointer + hull.SlotOffset + start, bytes, hull.Offset + start);
        if (read < bytes) throw new EndOfStreamException($"{hull.File}: only {read} of {bytes} bytes at {hull.Offset + start} could be read");
    }

    private void Generate(ITensorSource source, LayerLayout layout, int tensor, long start, long bytes)
    {
        TensorInfo piece = layout.Tensors[tensor] with { Offset = layout.Tensors[tensor].Offset + start, Bytes = bytes };
        source.Read(piece, _blocks[layout.Layer].Pointer + layout.Places[tensor].ReadOffset + start);
    }
}
