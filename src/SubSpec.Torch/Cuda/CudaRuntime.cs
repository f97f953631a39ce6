using System.Runtime.InteropServices;
using SubSpec.Core;
using SubSpec.Torch.Native;

namespace SubSpec.Torch.Cuda;

/// <summary>NVIDIA's runtime: the libcudart that lies beside libtorch, else the system's, of CUDA 11 to 13. All that is called has been the same in all of them.</summary>
internal sealed unsafe class CudaRuntime : ICudaRuntime
{
    private const int NonBlockingStream = 1;
    private const int SleepingEventWithoutTimes = 3;
    private const int CopyKindByAddress = 4;
    private const int CapabilityMajor = 75;
    private const int CapabilityMinor = 76;

    private static readonly string[] Names = ["libcudart.so.13", "libcudart.so.12", "libcudart.so.11.0"];

    private readonly nint _library;
    private readonly delegate* unmanaged<int, nint> _errorString;
    private readonly delegate* unmanaged<int> _lastError;
    private readonly delegate* unmanaged<int*, int> _deviceCount;
    private readonly delegate* unmanaged<int*, int, int, int> _attribute;
    private readonly delegate* unmanaged<int, int> _setDevice;
    private readonly delegate* unmanaged<nuint*, nuint*, int> _memoryInfo;
    private readonly delegate* unmanaged<nint*, nuint, int> _malloc;
    private readonly delegate* unmanaged<nint, int> _free;
    private readonly delegate* unmanaged<nint, nuint, uint, int> _register;
    private readonly delegate* unmanaged<nint, int> _unregister;
    private readonly delegate* unmanaged<nint*, uint, int> _createStream;
    private readonly delegate* unmanaged<nint, int> _destroyStream;
    private readonly delegate* unmanaged<nint, int> _synchronizeStream;
    private readonly delegate* unmanaged<nint*, uint, int> _createEvent;
    private readonly delegate* unmanaged<nint, int> _destroyEvent;
    private readonly delegate* unmanaged<nint, nint, int> _record;
    private readonly delegate* unmanaged<nint, nint, uint, int> _streamWait;
    private readonly delegate* unmanaged<nint, int> _synchronizeEvent;
    private readonly delegate* unmanaged<nint, nint, nuint, int, nint, int> _copy;
    private readonly delegate* unmanaged<nint, nuint, nint, nuint, nuint, nuint, int, nint, int> _copyRows;

    private CudaRuntime(nint library, string path)
    {
        (_library, Path) = (library, path);
        _errorString = (delegate* unmanaged<int, nint>)Find("cudaGetErrorString");
        _lastError = (delegate* unmanaged<int>)Find("cudaGetLastError");
        _deviceCount = (delegate* unmanaged<int*, int>)Find("cudaGetDeviceCount");
        _attribute = (delegate* unmanaged<int*, int, int, int>)Find("cudaDeviceGetAttribute");
        _setDevice = (delegate* unmanaged<int, int>)Find("cudaSetDevice");
        _memoryInfo = (delegate* unmanaged<nuint*, nuint*, int>)Find("cudaMemGetInfo");
        _malloc = (delegate* unmanaged<nint*, nuint, int>)Find("cudaMalloc");
        _free = (delegate* unmanaged<nint, int>)Find("cudaFree");
        _register = (delegate* unmanaged<nint, nuint, uint, int>)Find("cudaHostRegister");
        _unregister = (delegate* unmanaged<nint, int>)Find("cudaHostUnregister");
        _createStream = (delegate* unmanaged<nint*, uint, int>)Find("cudaStreamCreateWithFlags");
        _destroyStream = (delegate* unmanaged<nint, int>)Find("cudaStreamDestroy");
        _synchronizeStream = (delegate* unmanaged<nint, int>)Find("cudaStreamSynchronize");
        _createEvent = (delegate* unmanaged<nint*, uint, int>)Find("cudaEventCreateWithFlags");
        _destroyEvent = (delegate* unmanaged<nint, int>)Find("cudaEventDestroy");
        _record = (delegate* unmanaged<nint, nint, int>)Find("cudaEventRecord");
        _streamWait = (delegate* unmanaged<nint, nint, uint, int>)Find("cudaStreamWaitEvent");
        _synchronizeEvent = (delegate* unmanaged<nint, int>)Find("cudaEventSynchronize");
        _copy = (delegate* unmanaged<nint, nint, nuint, int, nint, int>)Find("cudaMemcpyAsync");
        _copyRows = (delegate* unmanaged<nint, nuint, nint, nuint, nuint, nuint, int, nint, int>)Find("cudaMemcpy2DAsync");
    }

    /// <summary>Where it was loaded from.</summary>
    public string Path { get; }

    /// <summary>Loads it. Throws <see cref="BadInputException"/> with one line where there is none that works.</summary>
    /// <param name="torch">Looked at first, so that libtorch and the link use the same one; null for the system's.</param>
    public static CudaRuntime Load(TorchFolder? torch)
    {
        // Older drivers would load every kernel of libtorch into the device's memory, whether it is used or not.
        TorchLibraries.Prefer("CUDA_MODULE_LOADING", "LAZY");
        string[] candidates = torch?.FindCudaRuntime() is { } linked ? [linked, .. Names] : Names;
        foreach (string candidate in candidates)
        {
            if (!NativeLibrary.TryLoad(candidate, out nint library)) continue;
            try
            {
                return new CudaRuntime(library, candidate);
            }
            catch (EntryPointNotFoundException e)
            {
                throw new BadInputException($"{candidate} is not a CUDA runtime that can be used ({e.Message}): CUDA 11 to 13 can", e);
            }
        }
        throw new BadInputException($"no CUDA runtime ({string.Join(", ", Names)}) can be loaded: install CUDA's runtime, or set {TorchFolder.Variable} to {TorchFolder.Hint}");
    }

    public int DeviceCount()
    {
        int count;
        Check(_deviceCount(&count), "cudaGetDeviceCount");
        return count;
    }

    public string DeviceName(int device) => CudaDriver.DeviceName(device);

    public (int Major, int Minor) ComputeCapability(int device)
    {
        int major, minor;
        Check(_attribute(&major, CapabilityMajor, device), "cudaDeviceGetAttribute");
        Check(_attribute(&minor, CapabilityMinor, device), "cudaDeviceGetAttribute");
        return (major, minor);
    }

    public void UseDevice(int device) => Check(_setDevice(device), "cudaSetDevice");

    public (long Free, long Total) MemoryInfo()
    {
        nuint free, total;
        Check(_memoryInfo(&free, &total), "cudaMemGetInfo");
        return ((long)free, (long)total);
    }

    public nint Allocate(long bytes)
    {
        nint memory;
        Check(_malloc(&memory, (nuint)bytes), $"cudaMalloc of {ByteSize.Format(bytes)}");
        return memory;
    }

    public void Free(nint memory) => Check(_free(memory), "cudaFree");

    public void Register(nint memory, long bytes) => Check(_register(memory, (nuint)bytes, 0), $"cudaHostRegister of {ByteSize.Format(bytes)}");

    public void Unregister(nint memory) => Check(_unregister(memory), "cudaHostUnregister");

    public nint CreateStream()
    {
        nint stream;
        Check(_createStream(&stream, NonBlockingStream), "cudaStreamCreateWithFlags");
        return stream;
    }

    public void DestroyStream(nint stream) => Check(_destroyStream(stream), "cudaStreamDestroy");

    public void Synchronize(nint stream) => Check(_synchronizeStream(stream), "cudaStreamSynchronize");

    public nint CreateEvent()
    {
        nint happening;
        Check(_createEvent(&happening, SleepingEventWithoutTimes), "cudaEventCreateWithFlags");
        return happening;
    }

    public void DestroyEvent(nint happening) => Check(_destroyEvent(happening), "cudaEventDestroy");

    public void Record(nint happening, nint stream) => Check(_record(happening, stream), "cudaEventRecord");

    public void StreamWait(nint stream, nint happening) => Check(_streamWait(stream, happening, 0), "cudaStreamWaitEvent");

    public void Wait(nint happening) => Check(_synchronizeEvent(happening), "cudaEventSynchronize");

    public void CopyAsync(nint to, nint from, long bytes, nint stream) => Check(_copy(to, from, (nuint)bytes, CopyKindByAddress, stream), "cudaMemcpyAsync");

    public void CopyRowsAsync(nint to, nint from, long width, long pitch, int rows, nint stream) =>
        Check(_copyRows(to, (nuint)pitch, from, (nuint)pitch, (nuint)width, (nuint)rows, CopyKindByAddress, stream), "cudaMemcpy2DAsync");

    private nint Find(string name) => NativeLibrary.TryGetExport(_library, name, out nint address) ? address : throw new EntryPointNotFoundException($"it has no {name}");

    private void Check(int status, string call)
    {
        if (status == 0) return;
        // An error that is not fetched would be reported again by libtorch's next call.
        _ = _lastError();
        throw new CudaException(call, status, Marshal.PtrToStringUTF8(_errorString(status)) ?? "unknown");
    }
}
