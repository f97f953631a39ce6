using SubSpec.Core.Engine;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// Offloaded layers of a model that is larger than the host's memory: they come from disk into a ring of pinned slots, while others are copied
/// from there to the device. A fetch waits for a free slot; slots are given to fetches in order.
/// </summary>
internal sealed unsafe class DiskLayers : IHostLayers
{
    private readonly object _gate = new();
    private readonly ICudaRuntime _cuda;
    private readonly CheckpointLink _disk;
    private readonly Queue<int> _free;
    private readonly Queue<(int Layer, Action<FetchedLayer> There)> _waiting = new();
    private bool _pinned;

    /// <summary>Opens the files and pins the ring.</summary>
    /// <param name="slots">Of the host's ring: one more than those that are copied from lets the disk run on.</param>
    public DiskLayers(ICudaRuntime cuda, IReadOnlyList<OffloadedLayer> layers, int slots, Func<ReadRequest, Exception?>? fault = null)
    {
        _cuda = cuda;
        _disk = new CheckpointLink(layers, new LinkOptions(slots), TimeProvider.System, fault);
        _free = new Queue<int>(Enumerable.Range(0, slots));
        Layouts = [.. layers.Select(l => _disk.Ring.Layout(l.Layer))];
        try
        {
            if (Bytes > 0) cuda.Register((nint)_disk.Ring.Slot(0), Bytes);
            _pinned = Bytes > 0;
        }
        catch
        {
            _disk.Dispose();
            throw;
        }
    }

    public IReadOnlyList<LayerLayout> Layouts { get; }

    public bool AreDirect => _disk.Stats.DirectIo;

    public long Bytes => _disk.Ring.Bytes;

    public void Fetch(int layer, Action<FetchedLayer> there)
    {
        int slot;
        lock (_gate)
        {
            if (!_free.TryDequeue(out slot))
            {
                _waiting.Enqueue((layer, there));
                return;
            }
        }
        Read(layer, slot, there);
    }

    public void Release(nint memory)
    {
        Free((int)((memory - (nint)_disk.Ring.Slot(0)) / _disk.Ring.SlotBytes));
    }

    public void Cancel()
    {
        (int Layer, Action<FetchedLayer> There)[] waiting;
        lock (_gate)
        {
            waiting = [.. _waiting];
            _waiting.Clear();
        }
        _disk.CancelReads();
        foreach ((int layer, Action<FetchedLayer> there) in waiting) there(new FetchedLayer(0, new OperationCanceledException($"fetching layer {layer} was cancelled")));
    }

    public void Dispose()
    {
        Cancel();
        if (_pinned) Quietly.Run(() => _cuda.Unregister((nint)_disk.Ring.Slot(0)));
        _pinned = false;
        _disk.Dispose();
    }

    private void Read(int layer, int slot, Action<FetchedLayer> there) => _disk.BeginRead(layer, slot, read => Ended(read, there));

    private void Ended(LayerRead read, Action<FetchedLayer> there)
    {
        if (read.Error is null) there(new FetchedLayer((nint)_disk.Ring.Slot(read.Slot), null));
        else
        {
            Free(read.Slot);
            there(new FetchedLayer(0, read.Error));
        }
    }

    private void Free(int slot)
    {
        (int Layer, Action<FetchedLayer> There) next;
        lock (_gate)
        {
            if (!_waiting.TryDequeue(out next))
            {
                _free.Enqueue(slot);
                return;
            }
        }
        Read(next.Layer, slot, next.There);
    }
}
