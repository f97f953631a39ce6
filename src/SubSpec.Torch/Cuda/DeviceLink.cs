using SubSpec.Core.Engine;
using SubSpec.Torch.Streaming;

namespace SubSpec.Torch.Cuda;

/// <summary>
/// The link of the <c>cuda</c> device: pinned host memory, a copy stream of its own, and events both ways. A read is announced when its copy has
/// landed; a copy into a slot begins when compute is done with what the slot held. Nothing waits for the whole device.
/// </summary>
internal sealed class DeviceLink : IWeightLink, IDisposable
{
    private readonly object _gate = new();
    private readonly ICudaRuntime _cuda;
    private readonly int _device;
    private readonly IHostLayers _host;
    private readonly CompletionQueue _completions;
    private readonly Queue<(PendingRead Read, nint Memory)> _copying = new();
    private readonly nint[] _landed;
    private readonly nint _stream;
    private readonly Thread _waiter;
    private long _bytesCopied;
    private bool _closing;

    /// <param name="host">Where the layers come from; its owner disposes it after this.</param>
    /// <param name="ring">Where they go; likewise.</param>
    /// <param name="bytesPerSecond">Width to which the link is slowed down on purpose; null for as fast as it goes.</param>
    public DeviceLink(ICudaRuntime cuda, int device, IHostLayers host, DeviceRing ring, double? bytesPerSecond, TimeProvider time)
    {
        (_cuda, _device, _host, Ring) = (cuda, device, host, ring);
        OffloadedLayers = [.. host.Layouts.Select(l => l.Layer)];
        _landed = new nint[ring.SlotCount];
        try
        {
            _stream = cuda.CreateStream();
            for (int slot = 0; slot < _landed.Length; slot++) _landed[slot] = cuda.CreateEvent();
        }
        catch
        {
            DestroyHandles();
            throw;
        }
        LinkThrottle? throttle = bytesPerSecond is { } width ? new LinkThrottle(width, time) : null;
        _completions = new CompletionQueue(time, throttle, read => ring.Slots.EndFill(read.Slot, read.Error is null ? read.Layout.Layer : null));
        _waiter = new Thread(WaitForCopies) { IsBackground = true, Name = "subspec-copies" };
        _waiter.Start();
    }

    /// <summary>The slots that copies fill.</summary>
    public DeviceRing Ring { get; }

    public int SlotCount => Ring.SlotCount;

    public IReadOnlyList<int> OffloadedLayers { get; }

    public LinkStats Stats => new(Interlocked.Read(ref _bytesCopied), _completions.Busy.TotalSeconds, _host.AreDirect) { Slots = SlotCount };

    public long LayerBytes(int layer) => Ring.Layout(layer).PayloadBytes;

    /// <summary>Starts a copy. It completes with <see cref="CudaException"/> where the device fails, and as the host's layers do where those cannot be read.</summary>
    public void BeginRead(int layer, int slot, Action<LayerRead> completed)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slot);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(slot, SlotCount);
        var read = new PendingRead(Ring.Layout(layer), slot, completed);
        _completions.Begin(read, r => Ring.Slots.BeginFill(r.Slot));
        _host.Fetch(layer, fetched => OnFetched(read, fetched));
    }

    public void CancelReads()
    {
        _completions.Cancel();
        _host.Cancel();
    }

    /// <summary>Cancels what waits, returns when all copies have ended and their completions were called, then gives stream and events back. Not from a completion.</summary>
    public void Dispose()
    {
        _host.Cancel();
        _completions.Dispose();
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }
        _waiter.Join();
        DestroyHandles();
    }

    private void OnFetched(PendingRead read, FetchedLayer fetched)
    {
        if (fetched.Error is { } error) read.Fail(error);
        if (fetched.Memory != 0 && !read.IsDoomed && TryCopy(read, fetched.Memory)) return;
        if (fetched.Memory != 0) _host.Release(fetched.Memory);
        _completions.End(read);
    }

    /// <summary>Asks the copy stream for the layer; false where that failed, when nothing is left under way.</summary>
    private bool TryCopy(PendingRead read, nint memory)
    {
        lock (_gate)
        {
            try
            {
                _cuda.UseDevice(_device);
                Ring.Copy(read.Slot, read.Layout.Layer, memory, _stream);
                _cuda.Record(_landed[read.Slot], _stream);
            }
            catch (CudaException e)
            {
                read.Fail(e);
                // A part of it may be under way: the slot is free only when that has ended.
                Quietly.Run(() => _cuda.Synchronize(_stream));
                return false;
            }
            _copying.Enqueue((read, memory));
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    private void WaitForCopies()
    {
        Quietly.Run(() => _cuda.UseDevice(_device));
        while (Oldest() is var (read, memory))
        {
            try
            {
                _cuda.Wait(_landed[read.Slot]);
                Interlocked.Add(ref _bytesCopied, read.Layout.PayloadBytes);
            }
            catch (CudaException e)
            {
                read.Fail(e);
            }
            _host.Release(memory);
            _completions.End(read);
        }
    }

    private (PendingRead Read, nint Memory)? Oldest()
    {
        lock (_gate)
        {
            while (_copying.Count == 0)
            {
                if (_closing) return null;
                Monitor.Wait(_gate);
            }
            return _copying.Dequeue();
        }
    }

    private void DestroyHandles()
    {
        foreach (nint happening in _landed)
            if (happening != 0) Quietly.Run(() => _cuda.DestroyEvent(happening));
        if (_stream != 0) Quietly.Run(() => _cuda.DestroyStream(_stream));
    }
}
