namespace SubSpec.Torch.Cuda;

/// <summary>Copies of loading and of results, which the caller waits for. None of them is in the way of a layer's stream.</summary>
internal static unsafe class DeviceCopies
{
    /// <summary>Copies to the device; the host's memory may be used again afterwards.</summary>
    public static void Upload(ICudaRuntime cuda, nint device, void* host, long bytes)
    {
        cuda.CopyAsync(device, (nint)host, bytes, 0);
        cuda.Synchronize(0);
    }

    /// <summary>Copies from the device what all work asked for until now has made of it.</summary>
    public static void Download(ICudaRuntime cuda, void* host, nint device, long bytes)
    {
        cuda.CopyAsync((nint)host, device, bytes, 0);
        cuda.Synchronize(0);
    }
}
