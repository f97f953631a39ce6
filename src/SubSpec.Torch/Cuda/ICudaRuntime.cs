namespace SubSpec.Torch.Cuda;

/// <summary>
/// The part of NVIDIA's runtime (libcudart) that an engine uses. Every call throws <see cref="CudaException"/> where the runtime reports an error.
/// Streams and events are handles; stream 0 is the one that libtorch computes on. Which device is current belongs to the calling thread.
/// </summary>
internal interface ICudaRuntime
{
    /// <summary>Devices of this machine.</summary>
    int DeviceCount();

    /// <summary>As NVIDIA calls it.</summary>
    string DeviceName(int device);

    /// <summary>What the device's units can do.</summary>
    (int Major, int Minor) ComputeCapability(int device);

    /// <summary>Makes a device the calling thread's.</summary>
    void UseDevice(int device);

    /// <summary>Bytes of the current device: free, and in all.</summary>
    (long Free, long Total) MemoryInfo();

    /// <summary>Memory of the current device, aligned to 256 bytes.</summary>
    nint Allocate(long bytes);

    void Free(nint memory);

    /// <summary>Pins host memory, so that copies of it run beside everything else.</summary>
    void Register(nint memory, long bytes);

    void Unregister(nint memory);

    /// <summary>A stream that does not wait for stream 0.</summary>
    nint CreateStream();

    void DestroyStream(nint stream);

    /// <summary>Waits on the host until the stream has done all that was asked of it. Other streams go on.</summary>
    void Synchronize(nint stream);

    /// <summary>An event without times, for which a host thread can sleep.</summary>
    nint CreateEvent();

    void DestroyEvent(nint happening);

    /// <summary>The event happens once the stream has done what was asked of it until now.</summary>
    void Record(nint happening, nint stream);

    /// <summary>The stream does what it is asked from now on after the event as it was recorded last.</summary>
    void StreamWait(nint stream, nint happening);

    /// <summary>Sleeps until the event has happened.</summary>
    void Wait(nint happening);

    /// <summary>Copies between host and device or within the device, in the stream's turn. The host's memory must stay until then.</summary>
    void CopyAsync(nint to, nint from, long bytes, nint stream);

    /// <summary>Copies rows that lie <paramref name="pitch"/> bytes apart on both sides.</summary>
    void CopyRowsAsync(nint to, nint from, long width, long pitch, int rows, nint stream);
}
