using System.Runtime.InteropServices;

namespace SubSpec.Torch.Cuda;

/// <summary>NVIDIA's driver library, for what the runtime says in a layout that differs from version to version: a device's name.</summary>
internal static unsafe class CudaDriver
{
    private const string Library = "libcuda.so.1";
    private const int NameBytes = 256;

    /// <summary>The name of a device, counted as the runtime counts them. Throws <see cref="CudaException"/> where the driver does not tell.</summary>
    public static string DeviceName(int device)
    {
        if (!NativeLibrary.TryLoad(Library, out nint library)) throw new CudaException("cuDeviceGetName", 0, $"{Library} cannot be loaded");
        Check(((delegate* unmanaged<uint, int>)Find("cuInit"))(0), "cuInit");
        int handle;
        Check(((delegate* unmanaged<int*, int, int>)Find("cuDeviceGet"))(&handle, device), "cuDeviceGet");
        byte* name = stackalloc byte[NameBytes];
        Check(((delegate* unmanaged<byte*, int, int, int>)Find("cuDeviceGetName"))(name, NameBytes, handle), "cuDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)name)!;

        nint Find(string function) => NativeLibrary.TryGetExport(library, function, out nint address) ? address : throw new CudaException(function, 0, $"{Library} does not have it");
    }

    private static void Check(int status, string call)
    {
        if (status != 0) throw new CudaException(call, status, "the driver refuses");
    }
}
