using System.Diagnostics;

namespace SubSpec.Torch.Cuda;

/// <summary>What the link gives to a bare loop of copies from pinned memory: what streaming is measured against.</summary>
internal static class CopyBandwidth
{
    /// <summary>Bytes a second.</summary>
    public static unsafe double Measure(ICudaRuntime cuda, int device, long bytes = 256L << 20, int rounds = 20)
    {
        cuda.UseDevice(device);
        using var host = new PinnedBuffer(cuda, bytes);
        using var arena = new DeviceArena(cuda, bytes);
        nint to = arena.Take(bytes), stream = cuda.CreateStream();
        try
        {
            cuda.CopyAsync(to, (nint)host.Pointer, bytes, stream);
            cuda.Synchronize(stream);
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; round < rounds; round++) cuda.CopyAsync(to, (nint)host.Pointer, bytes, stream);
            cuda.Synchronize(stream);
            return rounds * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            cuda.DestroyStream(stream);
        }
    }
}
