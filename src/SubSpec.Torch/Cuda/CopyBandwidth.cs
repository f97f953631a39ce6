using System.Diagnostics;

namespace SubSpec.Torch.Cuda;

/// <summary>What bare loops of copies reach: what streaming and drafting are measured against.</summary>
internal static class CopyBandwidth
{
    /// <summary>Bytes a second over the link, from pinned memory.</summary>
    public static unsafe double Measure(ICudaRuntime cuda, int device, long bytes = 256L << 20, int rounds = 20)
    {
        cuda.UseDevice(device);
        using var host = new PinnedBuffer(cuda, bytes);
        return Loop(cuda, (nint)host.Pointer, bytes, rounds);
    }

    /// <summary>Bytes a second that the device's memory reads and writes together.</summary>
    public static double MeasureMemory(ICudaRuntime cuda, int device, long bytes = 1L << 30, int rounds = 20)
    {
        cuda.UseDevice(device);
        using var from = new DeviceArena(cuda, bytes);
        return 2 * Loop(cuda, from.Take(bytes), bytes, rounds);
    }

    private static double Loop(ICudaRuntime cuda, nint from, long bytes, int rounds)
    {
        using var arena = new DeviceArena(cuda, bytes);
        nint to = arena.Take(bytes), stream = cuda.CreateStream();
        try
        {
            cuda.CopyAsync(to, from, bytes, stream);
            cuda.Synchronize(stream);
            long start = Stopwatch.GetTimestamp();
            for (int round = 0; round < rounds; round++) cuda.CopyAsync(to, from, bytes, stream);
            cuda.Synchronize(stream);
            return rounds * (double)bytes / Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
        finally
        {
            cuda.DestroyStream(stream);
        }
    }
}
