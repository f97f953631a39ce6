using System.Runtime.InteropServices;
using SubSpec.Torch.Cuda;

namespace SubSpec.Torch.Tests.Cuda;

/// <summary>
/// A CUDA runtime whose device is the host's memory. Streams run on threads of their own and events order them as on a device; stream 0, which
/// libtorch would compute on, does its work at once unless it is held. What a device would answer with a crash is an error here: memory that is not
/// there, is not pinned, or is given back twice.
/// </summary>
internal sealed unsafe class FakeCuda : ICudaRuntime, IDisposable
{
    public const int OutOfMemory = 2;
    public const int InvalidValue = 1;

    private readonly object _gate = new();
    private readonly Dictionary<nint, long> _device = [];
    private readonly Dictionary<nint, long> _pinned = [];
    private readonly Dictionary<nint, FakeStream> _streams = [];
    private readonly Dictionary<nint, Marker?> _events = [];
    private readonly FakeStream _compute = new();
    private nint _next = 100;
    private bool _computeHeld;

    /// <summary>Bytes of the device.</summary>
    public long TotalBytes { get; init; } = 1L << 30;

    public int Devices { get; init; } = 1;

    public (int Major, int Minor) Capability { get; init; } = (9, 0);

    /// <summary>Decides for each call by its name whether it fails, and with which error; null for none.</summary>
    public Func<string, int?>? Fault { get; set; }

    /// <summary>Told of every copy that has been made: where to, and how many bytes of a row.</summary>
    public Action<nint, long>? Copied { get; set; }

    public int StreamCount => Locked(() => _streams.Count);

    public int EventCount => Locked(() => _events.Count);

    public long PinnedBytes => Locked(() => _pinned.Values.Sum());

    public long DeviceBytes => Locked(() => _device.Values.Sum());

    /// <summary>Most bytes of the device that were taken at once.</summary>
    public long PeakDeviceBytes { get; private set; }

    /// <summary>Errors of work that was asked for and went wrong when its turn came.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>Bytes of each copy from the device to the host so far.</summary>
    public List<long> Downloads { get; } = [];

    public bool IsEmpty => StreamCount == 0 && EventCount == 0 && PinnedBytes == 0 && DeviceBytes == 0;

    /// <summary>What compute was asked for stays to be done until <see cref="ReleaseCompute"/>.</summary>
    public void HoldCompute()
    {
        _computeHeld = true;
        _compute.Hold();
    }

    public void ReleaseCompute()
    {
        _compute.Release();
        _compute.Drain();
        _computeHeld = false;
    }

    public void HoldCopies() => Locked(() => _streams.Values.ToArray()).ToList().ForEach(s => s.Hold());

    public void ReleaseCopies() => Locked(() => _streams.Values.ToArray()).ToList().ForEach(s => s.Release());

    public int DeviceCount()
    {
        Enter("cudaGetDeviceCount");
        return Devices;
    }

    public string DeviceName(int device)
    {
        Enter("cuDeviceGetName");
        return "NVIDIA Fake";
    }

    public (int Major, int Minor) ComputeCapability(int device)
    {
        Enter("cudaDeviceGetAttribute");
        return Capability;
    }

    public void UseDevice(int device)
    {
        Enter("cudaSetDevice");
        Require(device >= 0 && device < Devices, "cudaSetDevice");
    }

    public (long Free, long Total) MemoryInfo()
    {
        Enter("cudaMemGetInfo");
        return (TotalBytes - DeviceBytes, TotalBytes);
    }

    public nint Allocate(long bytes)
    {
        Enter("cudaMalloc");
        lock (_gate)
        {
            if (_device.Values.Sum() + bytes > TotalBytes) throw new CudaException("cudaMalloc", OutOfMemory, "out of memory");
            nint memory = (nint)NativeMemory.AlignedAlloc((nuint)bytes, 256);
            // A device's memory holds what was there before.
            new Span<byte>((void*)memory, (int)bytes).Fill(0xFF);
            _device.Add(memory, bytes);
            PeakDeviceBytes = Math.Max(PeakDeviceBytes, _device.Values.Sum());
            return memory;
        }
    }

    public void Free(nint memory)
    {
        Enter("cudaFree");
        lock (_gate) Require(_device.Remove(memory), "cudaFree");
        NativeMemory.AlignedFree((void*)memory);
    }

    public void Register(nint memory, long bytes)
    {
        Enter("cudaHostRegister");
        lock (_gate) Require(_pinned.TryAdd(memory, bytes), "cudaHostRegister");
    }

    public void Unregister(nint memory)
    {
        Enter("cudaHostUnregister");
        lock (_gate) Require(_pinned.Remove(memory), "cudaHostUnregister");
    }

    public nint CreateStream()
    {
        Enter("cudaStreamCreateWithFlags");
        lock (_gate)
        {
            _streams.Add(++_next, new FakeStream());
            return _next;
        }
    }

    public void DestroyStream(nint stream)
    {
        Enter("cudaStreamDestroy");
        FakeStream? gone;
        lock (_gate) Require(_streams.Remove(stream, out gone), "cudaStreamDestroy");
        gone!.Dispose();
    }

    public void Synchronize(nint stream)
    {
        Enter("cudaStreamSynchronize");
        (stream == 0 ? _compute : Stream(stream)).Drain();
    }

    public nint CreateEvent()
    {
        Enter("cudaEventCreateWithFlags");
        lock (_gate)
        {
            _events.Add(++_next, null);
            return _next;
        }
    }

    public void DestroyEvent(nint happening)
    {
        Enter("cudaEventDestroy");
        lock (_gate) Require(_events.Remove(happening), "cudaEventDestroy");
    }

    public void Record(nint happening, nint stream)
    {
        Enter("cudaEventRecord");
        var marker = new Marker();
        lock (_gate)
        {
            Require(_events.ContainsKey(happening), "cudaEventRecord");
            _events[happening] = marker;
        }
        Do(stream, marker.Set);
    }

    public void StreamWait(nint stream, nint happening)
    {
        Enter("cudaStreamWaitEvent");
        if (MarkerOf(happening) is { } marker) Do(stream, marker.Wait);
    }

    public void Wait(nint happening)
    {
        Enter("cudaEventSynchronize");
        MarkerOf(happening)?.Wait();
    }

    public void CopyAsync(nint to, nint from, long bytes, nint stream) => CopyRows("cudaMemcpyAsync", to, from, bytes, bytes, 1, stream);

    public void CopyRowsAsync(nint to, nint from, long width, long pitch, int rows, nint stream) => CopyRows("cudaMemcpy2DAsync", to, from, width, pitch, rows, stream);

    /// <summary>Whether this is memory of the device.</summary>
    public bool IsOnDevice(nint memory) => Locked(() => _device.Any(m => memory >= m.Key && memory < m.Key + (nint)m.Value));

    public void Dispose()
    {
        _compute.Dispose();
        foreach (FakeStream stream in _streams.Values) stream.Dispose();
        foreach (nint memory in _device.Keys) NativeMemory.AlignedFree((void*)memory);
    }

    private void CopyRows(string call, nint to, nint from, long width, long pitch, int rows, nint stream)
    {
        Enter(call);
        long bytes = (pitch * (rows - 1)) + width;
        Do(stream, () =>
        {
            lock (_gate)
            {
                // Copies of compute's own stream may take memory that is not pinned; they are slower for it, and right.
                if (!IsKnown(to, bytes, stream) || !IsKnown(from, bytes, stream))
                {
                    Violations.Add($"{call}: {bytes} bytes of memory that is gone or not pinned");
                    return;
                }
                if (IsOf(_device, from, bytes) && !IsOf(_device, to, bytes)) Downloads.Add(bytes);
                for (int row = 0; row < rows; row++)
                    Buffer.MemoryCopy((void*)(from + (nint)(row * pitch)), (void*)(to + (nint)(row * pitch)), width, width);
            }
            Copied?.Invoke(to, width);
        });
    }

    private bool IsKnown(nint memory, long bytes, nint stream) =>
        stream == 0 ? !IsOverrun(_device, memory, bytes) && !IsOverrun(_pinned, memory, bytes) : IsOf(_device, memory, bytes) || IsOf(_pinned, memory, bytes);

    /// <summary>Begins in memory that is known and ends behind it.</summary>
    private static bool IsOverrun(Dictionary<nint, long> places, nint memory, long bytes) =>
        places.Any(m => memory >= m.Key && memory < m.Key + (nint)m.Value && memory + (nint)bytes > m.Key + (nint)m.Value);

    private static bool IsOf(Dictionary<nint, long> places, nint memory, long bytes) =>
        places.Any(m => memory >= m.Key && memory + (nint)bytes <= m.Key + (nint)m.Value);

    private void Do(nint stream, Action work)
    {
        if (stream != 0) Stream(stream).Enqueue(work);
        else if (_computeHeld) _compute.Enqueue(work);
        else work();
    }

    private FakeStream Stream(nint stream)
    {
        lock (_gate)
        {
            Require(_streams.ContainsKey(stream), "a stream");
            return _streams[stream];
        }
    }

    private Marker? MarkerOf(nint happening)
    {
        lock (_gate)
        {
            Require(_events.ContainsKey(happening), "an event");
            return _events[happening];
        }
    }

    private void Enter(string call)
    {
        if (Fault?.Invoke(call) is { } code) throw new CudaException(call, code, "injected");
    }

    private static void Require(bool valid, string call)
    {
        if (!valid) throw new CudaException(call, InvalidValue, "invalid value");
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    private sealed class Marker
    {
        private readonly ManualResetEventSlim _set = new();

        public void Set() => _set.Set();

        public void Wait() => _set.Wait();
    }
}
