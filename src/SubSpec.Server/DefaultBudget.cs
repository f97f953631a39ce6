using SubSpec.Torch.Cuda;

namespace SubSpec.Server;

/// <summary>The memory budget where none is given.</summary>
internal static class DefaultBudget
{
    private const double ShareOfAvailable = 0.6;

    /// <summary>Null for the embedded demo, whose smallest plan shows the real thing: every layer offloaded. Else 60 % of what is available.</summary>
    /// <param name="device">Whose memory is the fast tier; null for the host's.</param>
    public static long? For(HostOptions options, CudaDevice? device) => options.IsDemo ? null : (long)((device?.FreeBytes ?? AvailableBytes()) * ShareOfAvailable);

    /// <summary>Free memory, within the limit of the control group that the process lives in.</summary>
    public static long AvailableBytes()
    {
        GCMemoryInfo memory = GC.GetGCMemoryInfo();
        long limit = memory.TotalAvailableMemoryBytes, free = limit - Environment.WorkingSet;
        if (!OperatingSystem.IsLinux()) return free;
        string? line = File.ReadLines("/proc/meminfo").FirstOrDefault(l => l.StartsWith("MemAvailable:", StringComparison.Ordinal));
        return line is not null && long.TryParse(line.AsSpan("MemAvailable:".Length).Trim().TrimEnd(" kB"), out long kib) ? Math.Min(free, kib * 1024) : free;
    }
}
