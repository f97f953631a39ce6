using SubSpec.Core;
using SubSpec.Core.Engine;

namespace SubSpec.Torch.Streaming;

/// <summary>
/// The link of the <c>cpu</c> device: offloaded layers come from the checkpoint's files by direct I/O into a ring of slots.
/// Reads of several slots may be outstanding; they complete in order of their start, on a thread of the link.
/// </summary>
public sealed unsafe class CheckpointLink : IWeightLink, IDisposable
{
    private readonly LinkFiles _files;
    private readonly int _requestBytes;
    private readonly Func<ReadRequest, Exception?>? _fault;
    private readonly CompletionQueue _completions;
    private readonly ReaderPool _readers;
    private long _bytesRead;

    /// <summary>Opens the files and allocates the ring.</summary>
    /// <param name="layers">The offloaded layers in the order of a pass.</param>
    /// <exception cref="BadInputException">A file cannot be read, or is shorter than its tensors.</exception>
    public CheckpointLink(IReadOnlyList<OffloadedLayer> layers, LinkOptions options, TimeProvider? time = null)
        : this(layers, options, time ?? TimeProvider.System, fault: null)
    {
    }

    /// <param name="fault">Decides for each request, instead of reading it, that it fails with an exception; null lets it be read.</param>
    internal CheckpointLink(IReadOnlyList<OffloadedLayer> layers, LinkOptions options, TimeProvider time, Func<ReadRequest, Exception?>? fault)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Slots, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Readers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RequestBytes, DirectFile.DefaultAlignment);
        if (layers.SelectMany(l => l.Tensors).FirstOrDefault(t => t.IsGenerated) is { } generated)
            throw new BadInputException($"{generated.File}: {generated.Name} is generated, and no file holds it: it can be offloaded only to pinned memory, on cuda");
        LinkThrottle? throttle = options.BytesPerSecond is { } width ? new LinkThrottle(width, time) : null;
        _files = new LinkFiles(layers);
        _requestBytes = (options.RequestBytes + _files.Alignment - 1) / _files.Alignment * _files.Alignment;
        try
        {
            Ring = new WeightRing(_files.Layouts, options.Slots, _files.Alignment);
        }
        catch
        {
            _files.Dispose();
            throw;
        }
        OffloadedLayers = [.. layers.Select(l => l.Layer)];
        _fault = fault;
        _completions = new CompletionQueue(time, throttle, read => Ring.Slots.EndFill(read.Slot, read.Error is null ? read.Layout.Layer : null));
        _readers = new ReaderPool(options.Readers, Execute);
    }

    /// <summary>The slots that reads fill.</summary>
    public WeightRing Ring { get; }

    public int SlotCount => Ring.SlotCount;

    public IReadOnlyList<int> OffloadedLayers { get; }

    public LinkStats Stats =>
        new(Interlocked.Read(ref _bytesRead), _completions.Busy.TotalSeconds, _files.AreDirect) { Slots = SlotCount };

    public long LayerBytes(int layer) => Ring.Layout(layer).PayloadBytes;

    /// <summary>
    /// Starts a read. It completes with <see cref="BadInputException"/> where a file of the layer changed since it was opened, with
    /// <see cref="IOException"/> where reading failed or came short. A layer that is not offloaded, or a slot still in flight, throws.
    /// </summary>
    public void BeginRead(int layer, int slot, Action<LayerRead> completed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        var read = new PendingRead(Ring.Layout(layer), slot, completed);
        List<ReadRequest> requests = HasChanged(read) ? [] : Requests(read);
        read.Expect(requests.Count);
        _completions.Begin(read, r => Ring.Slots.BeginFill(r.Slot));
        if (requests.Count == 0) _completions.End(read);
        else _readers.Enqueue(requests);
    }

    public void CancelReads() => _completions.Cancel();

    /// <summary>Cancels what is in flight, returns when its requests have ended and their completions were called, then frees the ring. Not from a completion.</summary>
    public void Dispose()
    {
        _completions.Dispose();
        _readers.Dispose();
        Ring.Dispose();
        _files.Dispose();
    }

    private List<ReadRequest> Requests(PendingRead read)
    {
        var requests = new List<ReadRequest>();
        byte* slot = Ring.Slot(read.Slot);
        foreach (HullRead hull in read.Layout.Hulls)
        {
            for (long done = 0; done < hull.Bytes; done += _requestBytes)
            {
                int bytes = (int)Math.Min(_requestBytes, hull.Bytes - done);
                requests.Add(new ReadRequest(read, _files[hull.File], hull.Offset + done, bytes, (nint)(slot + hull.SlotOffset + done)));
            }
        }
        return requests;
    }

    private void Execute(ReadRequest request)
    {
        PendingRead read = request.Read;
        try
        {
            if (!read.IsDoomed) Fetch(request);
        }
        catch (Exception e)
        {
            read.Fail(e as IOException ?? new IOException($"{request.File.Path}: reading {request.Bytes} bytes at {request.Offset} failed: {e.Message}", e));
        }
        if (!read.EndRequest()) return;
        // A change during the read explains any error of it, and spoils what was read without one.
        if (!HasChanged(read) && !read.IsDoomed) CopyMisaligned(read);
        _completions.End(read);
    }

    private void Fetch(ReadRequest request)
    {
        if (_fault?.Invoke(request) is { } injected) throw injected;
        int bytes = request.File.Read((byte*)request.Destination, request.Bytes, request.Offset);
        Interlocked.Add(ref _bytesRead, bytes);
        if (bytes < request.Bytes)
            throw new EndOfStreamException($"{request.File.Path}: only {bytes} of {request.Bytes} bytes at {request.Offset} could be read");
    }

    private void CopyMisaligned(PendingRead read)
    {
        byte* slot = Ring.Slot(read.Slot);
        foreach (TensorPlace place in read.Layout.Places)
        {
            if (place.IsCopied) Buffer.MemoryCopy(slot + place.ReadOffset, slot + place.Offset, place.Bytes, place.Bytes);
        }
    }

    private bool HasChanged(PendingRead read)
    {
        HullRead? changed = read.Layout.Hulls.FirstOrDefault(hull => !_files[hull.File].IsUnchanged());
        if (changed is null) return false;
        read.Explain(new BadInputException($"{changed.File}: changed on disk while in use; start again once it is complete"));
        return true;
    }
}
